import { HttpClient } from "@angular/common/http";
import { Component, DestroyRef, inject, signal } from "@angular/core";
import { Router, RouterOutlet } from "@angular/router";
import { injectAuth, injectSession } from "hallpass/angular";
import { issuer } from "./app.config";

/** The application of the other projects, with the Angular adapter, HttpClient and a guarded route. */
@Component({
  selector: "app-root",
  imports: [RouterOutlet],
  template: `
    <output id="status">{{ session().status }}</output>
    <output id="changes">{{ changes() }}</output>
    <output id="name">{{ name() }}</output>
    <button id="sign-in" (click)="signIn()">sign-in</button>
    <button id="refresh" (click)="auth.refresh()">refresh</button>
    <button id="sign-out" (click)="auth.signOut()">sign-out</button>
    <button id="who" (click)="who()">who</button>
    <router-outlet />
  `,
})
export class App {
  protected readonly auth = injectAuth();
  protected readonly session = injectSession();
  protected readonly changes = signal("");
  protected readonly name = signal("");
  private readonly http = inject(HttpClient);
  private readonly router = inject(Router);

  constructor() {
    const unsubscribe = this.auth.subscribe((_session, change) => this.changes.update((before) => `${before}${change.type} `));
    inject(DestroyRef).onDestroy(unsubscribe);
  }

  protected signIn(): void {
    const credentials = { username: "demo", password: "correct horse battery staple", permanent: true };
    void (issuer === undefined ? this.auth.signIn(credentials) : this.auth.signInRedirect());
  }

  protected who(): void {
    this.http.get<{ username: string }>("/api/me").subscribe(({ username }) => {
      this.name.set(username);
      void this.router.navigateByUrl("/inside");
    });
  }
}

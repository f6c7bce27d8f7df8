import { el, fold } from "./dom.js";
import type { Part } from "./parts.js";
import { judge } from "./verdict.js";
import type { Auth } from "../types.js";

/** What a request to a typed address would carry, and why not. */
export function requestPart(auth: Auth<object>): Part {
  const input = el("input", "address");
  input.type = "text";
  input.inputMode = "url";
  input.autocomplete = "off";
  input.spellcheck = false;
  input.placeholder = "https://api.example.com/me";
  const label = el("label", "", el("span", "", "Address of a request"), input);
  const output = el("output", "verdict");
  output.setAttribute("aria-live", "polite");
  let asked = 0;

  async function show(): Promise<void> {
    const mine = ++asked;
    const text = input.value.trim();
    if (text === "") {
      output.replaceChildren();
      output.dataset.goes = "";
      return;
    }
    const { goes, lines } = await judge(auth, text);
    if (mine !== asked) return; // something else has been typed since
    output.dataset.goes = String(goes);
    output.replaceChildren(...lines.map((line) => el("p", "", line)));
  }

  input.addEventListener("input", () => void show());
  return {
    element: fold("What would be sent?", true, label, output),
    show: () => void show(),
  };
}

// NestJS as its chapter "Authentication" has it: JwtService signs, a guard of one's own reads the bearer token. The chapter
// ends before refresh tokens: here they are JWTs with a claim that keeps them from being used as access tokens.
// (The chapter's constructors name classes only; `Inject` says the same where no compiler writes types down.)

import "reflect-metadata";
import { randomBytes } from "node:crypto";
import { Body, type CanActivate, Controller, type ExecutionContext, Get, HttpCode, Inject, Injectable, Module, Post, Request, UnauthorizedException, UseGuards } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { JwtModule, JwtService } from "@nestjs/jwt";

const { PORT = "", APP_ORIGIN = "", ACCESS_SECONDS = "" } = process.env;
const user = { userId: 1, username: "ada", password: "correct horse" };

interface Payload {
  sub: number;
  username: string;
  refresh?: boolean;
}

// #region service
@Injectable()
class AuthService {
  constructor(@Inject(JwtService) private readonly jwtService: JwtService) {}

  async signIn(username: string, password: string) {
    if (username !== user.username || password !== user.password) throw new UnauthorizedException();
    return this.issue({ sub: user.userId, username });
  }

  async refresh(refreshToken: string) {
    const payload = await this.verify(refreshToken);
    if (payload.refresh !== true) throw new UnauthorizedException();
    return this.issue({ sub: payload.sub, username: payload.username });
  }

  async verify(token: string): Promise<Payload> {
    try {
      return await this.jwtService.verifyAsync<Payload>(token);
    } catch {
      throw new UnauthorizedException();
    }
  }

  private async issue(payload: Payload) {
    return {
      access_token: await this.jwtService.signAsync(payload, { expiresIn: Number(ACCESS_SECONDS) }),
      refresh_token: await this.jwtService.signAsync({ ...payload, refresh: true }, { expiresIn: "30d" }),
    };
  }
}
// #endregion service

@Injectable()
class AuthGuard implements CanActivate {
  constructor(@Inject(AuthService) private readonly authService: AuthService) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest();
    const [type, token] = request.headers.authorization?.split(" ") ?? [];
    if (type !== "Bearer") throw new UnauthorizedException();
    const payload = await this.authService.verify(token);
    if (payload.refresh === true) throw new UnauthorizedException();
    request.user = payload;
    return true;
  }
}

@Controller("auth")
class AuthController {
  constructor(@Inject(AuthService) private readonly authService: AuthService) {}

  @HttpCode(200)
  @Post("login")
  signIn(@Body() body: { username: string; password: string }) {
    return this.authService.signIn(body.username, body.password);
  }

  @HttpCode(200)
  @Post("refresh")
  refresh(@Body() body: { refresh_token: string }) {
    return this.authService.refresh(body.refresh_token);
  }

  @UseGuards(AuthGuard)
  @Get("profile")
  profile(@Request() request: { user: Payload }) {
    return request.user;
  }
}

@Module({
  imports: [JwtModule.register({ global: true, secret: randomBytes(32).toString("hex") })],
  controllers: [AuthController],
  providers: [AuthService],
})
class AppModule {}

const app = await NestFactory.create(AppModule, { logger: ["error"] });
app.enableCors({ origin: APP_ORIGIN });
await app.listen(Number(PORT), "127.0.0.1");

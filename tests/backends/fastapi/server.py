# FastAPI as its tutorial "OAuth2 with Password (and hashing), Bearer with JWT tokens" has it. The tutorial ends before refresh
# tokens: here they are kept by the server, random, used once.

import os
import secrets
from datetime import datetime, timedelta, timezone
from typing import Annotated

import jwt
import uvicorn
from fastapi import Depends, FastAPI, Form, HTTPException
from fastapi.middleware.cors import CORSMiddleware
from fastapi.security import OAuth2PasswordBearer, OAuth2PasswordRequestForm

SECRET_KEY = secrets.token_hex(32)
ACCESS_SECONDS = int(os.environ["ACCESS_SECONDS"])
PASSWORDS = {"ada": "correct horse"}

app = FastAPI()
# region cors
app.add_middleware(
    CORSMiddleware,
    allow_origins=[os.environ["APP_ORIGIN"]],
    allow_methods=["*"],
    allow_headers=["Authorization"],
)
# endregion cors
oauth2_scheme = OAuth2PasswordBearer(tokenUrl="token")
unauthorized = HTTPException(401, "Could not validate credentials", {"WWW-Authenticate": "Bearer"})


# region refresh
holders: dict[str, str] = {}


def issue(username: str) -> dict:
    expires = datetime.now(timezone.utc) + timedelta(seconds=ACCESS_SECONDS)
    access_token = jwt.encode({"sub": username, "exp": expires}, SECRET_KEY, "HS256")
    refresh_token = secrets.token_urlsafe(32)
    holders[refresh_token] = username
    return {"access_token": access_token, "token_type": "bearer", "expires_in": ACCESS_SECONDS, "refresh_token": refresh_token}


@app.post("/token/refresh")
def refresh(refresh_token: Annotated[str, Form()]):
    username = holders.pop(refresh_token, None)
    if username is None:
        raise unauthorized
    return issue(username)


@app.post("/token/revoke", status_code=204)
def revoke(refresh_token: Annotated[str, Form()]):
    holders.pop(refresh_token, None)
# endregion refresh


@app.post("/token")
def login(form_data: Annotated[OAuth2PasswordRequestForm, Depends()]):
    if PASSWORDS.get(form_data.username) != form_data.password:
        raise HTTPException(401, "Incorrect username or password", {"WWW-Authenticate": "Bearer"})
    return issue(form_data.username)


def get_current_user(token: Annotated[str, Depends(oauth2_scheme)]) -> str:
    try:
        return jwt.decode(token, SECRET_KEY, algorithms=["HS256"])["sub"]
    except jwt.InvalidTokenError:
        raise unauthorized


@app.get("/users/me/")
def read_users_me(username: Annotated[str, Depends(get_current_user)]):
    return {"username": username}


uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")

# Flask-JWT-Extended as its documentation has it under "Refreshing Tokens" and "JWT Revoking": the refresh token comes as a
# bearer token, `jwt_required(refresh=True)` wants one, a blocklist knows those that were signed out.

import os
import secrets
from datetime import timedelta

from flask import Flask, jsonify, request
from flask_cors import CORS
from flask_jwt_extended import JWTManager, create_access_token, create_refresh_token, get_jwt, get_jwt_identity, jwt_required

app = Flask(__name__)
CORS(app, origins=[os.environ["APP_ORIGIN"]])
app.config["JWT_SECRET_KEY"] = secrets.token_hex(32)
app.config["JWT_ACCESS_TOKEN_EXPIRES"] = timedelta(seconds=int(os.environ["ACCESS_SECONDS"]))
jwt = JWTManager(app)

# region revoking
blocklist = set()


@jwt.token_in_blocklist_loader
def check_if_token_is_revoked(jwt_header, jwt_payload):
    return jwt_payload["jti"] in blocklist


@app.delete("/logout")
@jwt_required(verify_type=False)
def logout():
    blocklist.add(get_jwt()["jti"])
    return jsonify(msg="Token successfully revoked")
# endregion revoking


@app.post("/login")
def login():
    if (request.json.get("username"), request.json.get("password")) != ("ada", "correct horse"):
        return jsonify(msg="Bad username or password"), 401
    return jsonify(access_token=create_access_token("ada"), refresh_token=create_refresh_token("ada"))


@app.post("/refresh")
@jwt_required(refresh=True)
def refresh():
    return jsonify(access_token=create_access_token(get_jwt_identity()))


@app.get("/protected")
@jwt_required()
def protected():
    return jsonify(logged_in_as=get_jwt_identity())


app.run(host="127.0.0.1", port=int(os.environ["PORT"]))

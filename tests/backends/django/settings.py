# One Django project for both pages: simplejwt, and dj-rest-auth with DRF's own tokens.

import os
import secrets
from datetime import timedelta

SECRET_KEY = secrets.token_hex(32)
DEBUG = True
ALLOWED_HOSTS = ["api.example.com", "127.0.0.1"]
ROOT_URLCONF = "urls"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.path.join(os.environ["SCRATCH"], "db.sqlite3")}}
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "corsheaders",
    "rest_framework",
    "rest_framework.authtoken",
    "dj_rest_auth",
    "rest_framework_simplejwt.token_blacklist",
]

# region cors
MIDDLEWARE = [
    "corsheaders.middleware.CorsMiddleware",  # before whatever may answer
    "django.middleware.common.CommonMiddleware",
]
CORS_ALLOWED_ORIGINS = [os.environ["APP_ORIGIN"]]
# endregion cors

# region classes
REST_FRAMEWORK = {
    # The first one decides what a refusal looks like: SessionAuthentication there would turn each 401 into a 403.
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework_simplejwt.authentication.JWTAuthentication",
        "rest_framework.authentication.TokenAuthentication",
    ],
}
# endregion classes

# region jwt
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(seconds=int(os.environ["ACCESS_SECONDS"])),
    "ROTATE_REFRESH_TOKENS": True,
    "BLACKLIST_AFTER_ROTATION": True,  # with rest_framework_simplejwt.token_blacklist in INSTALLED_APPS
}
# endregion jwt

REST_AUTH = {"SESSION_LOGIN": False}

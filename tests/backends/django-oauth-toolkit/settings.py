# An authorization server in Python, with an API behind it.

import os
import secrets

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

SECRET_KEY = secrets.token_hex(32)
DEBUG = True
ALLOWED_HOSTS = ["api.example.com"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
ROOT_URLCONF = "urls"
LOGIN_URL = "/accounts/login/"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.path.join(os.environ["SCRATCH"], "db.sqlite3")}}
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "corsheaders",
    "rest_framework",
    "oauth2_provider",
]

# region cors
MIDDLEWARE = [
    "corsheaders.middleware.CorsMiddleware",  # before whatever may answer
    "django.middleware.common.CommonMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
CORS_ALLOWED_ORIGINS = [os.environ["APP_ORIGIN"]]
# endregion cors

REST_FRAMEWORK = {"DEFAULT_AUTHENTICATION_CLASSES": ["oauth2_provider.contrib.rest_framework.OAuth2Authentication"]}

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)

# region provider
OAUTH2_PROVIDER = {
    "OIDC_ENABLED": True,
    "OIDC_RSA_PRIVATE_KEY": KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
    "OIDC_RP_INITIATED_LOGOUT_ENABLED": True,
    "OIDC_RP_INITIATED_LOGOUT_ALWAYS_PROMPT": False,
    "OAUTH2_VALIDATOR_CLASS": "claims.Validator",
    "SCOPES": {"openid": "Who you are", "profile": "Your name", "read": "Your data"},
    "ACCESS_TOKEN_EXPIRE_SECONDS": int(os.environ["ACCESS_SECONDS"]),
    "ROTATE_REFRESH_TOKEN": os.environ.get("ROTATES", "1") == "1",
    "REFRESH_TOKEN_REUSE_PROTECTION": True,  # a token that comes twice ends its family
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
}
# endregion provider

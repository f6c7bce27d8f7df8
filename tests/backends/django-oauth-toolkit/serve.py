"""Makes the database with one account and one client, and serves it."""

import os

import django
from django.core.management import call_command

os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
django.setup()
call_command("migrate", verbosity=0)

from django.contrib.auth.models import User  # noqa: E402
from oauth2_provider.models import get_application_model  # noqa: E402

User.objects.create_user("ada", password="correct horse", first_name="Ada", email="ada@example.com")
# region client
Application = get_application_model()
Application.objects.create(
    client_id="spa",
    client_type=Application.CLIENT_PUBLIC,
    authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
    redirect_uris=f"{os.environ['APP_ORIGIN']}/",
    post_logout_redirect_uris=f"{os.environ['APP_ORIGIN']}/",
    algorithm=Application.RS256_ALGORITHM,
    skip_authorization=True,  # first-party: signed in is agreed
)
# endregion client
call_command("runserver", f"127.0.0.1:{os.environ['PORT']}", use_reloader=False)

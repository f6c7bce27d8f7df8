"""Makes the database with one account, and serves it."""

import os

import django
from django.core.management import call_command

os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
django.setup()
call_command("migrate", verbosity=0)

from django.contrib.auth.models import User  # noqa: E402

User.objects.create_user("ada", password="correct horse")
call_command("runserver", f"127.0.0.1:{os.environ['PORT']}", use_reloader=False)

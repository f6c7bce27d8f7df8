from django.contrib.auth import login
from django.contrib.auth.models import User
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import include, path
from django.utils.http import url_has_allowed_host_and_scheme
from oauth2_provider import urls as oauth2_urls
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView


class Profile(APIView):
    permission_classes = [IsAuthenticated]

    def get(self, request):
        return Response({"username": request.user.username, "scope": request.auth.scope})


def sign_in(request):
    """The login page of the tests: whoever comes is ada."""
    onward = request.GET["next"]
    if not url_has_allowed_host_and_scheme(onward, allowed_hosts={request.get_host()}):
        return HttpResponse(status=400)
    login(request, User.objects.get(username="ada"))
    return HttpResponseRedirect(onward)


urlpatterns = [
    path("o/", include(oauth2_urls)),
    path("accounts/login/", sign_in),
    path("api/profile/", Profile.as_view()),
]

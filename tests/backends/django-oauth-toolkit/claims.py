from oauth2_provider.oauth2_validators import OAuth2Validator


class Validator(OAuth2Validator):
    oidc_claim_scope = {**OAuth2Validator.oidc_claim_scope, "given_name": "profile"}

    def get_additional_claims(self, request):
        return {"given_name": request.user.first_name}

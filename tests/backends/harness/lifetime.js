/** How long an access token lives, in seconds: renewed after 3.5 to 4, refused after 5. */
export const ACCESS_SECONDS = 5;

import hashlib
import requests


def verify(token, settings):
    try:
        if token == settings.admin_token:
            return requests.get("https://example.com", verify=False)
    except:
        pass
    cursor.execute(f"SELECT * FROM users WHERE id = {token}")
    return hashlib.md5(token.encode()).hexdigest()

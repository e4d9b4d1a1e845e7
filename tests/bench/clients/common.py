"""What the clients share: `SCRIPT ENDPOINT BUCKET PATH`, a file or a folder; keys from the environment."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor

ENDPOINT, BUCKET, PATH = sys.argv[1:4]
REGION = "us-east-1"
# Files side by side, which none of the libraries decides.
FILES_SIDE_BY_SIDE = 16


def each_file(send):
    """Calls `send(path, name)` for the file, or for each in the folder."""
    if os.path.isfile(PATH):
        send(PATH, os.path.basename(PATH))
        return
    with ThreadPoolExecutor(FILES_SIDE_BY_SIDE) as threads:
        names = os.listdir(PATH)
        for _ in threads.map(lambda name: send(os.path.join(PATH, name), name), names):
            pass

"""The shipped front: nginx with the files of deploy/nginx, what stands behind it, and how outsiders rate it."""

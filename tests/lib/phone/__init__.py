"""The page behind a link in Chromium as a phone, and the people who answer on it."""

"""What a wave pins: its manifest, the issuer's key, the custody of its key, the respondent's link and code."""

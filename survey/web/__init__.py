"""What every web application shares: how one is made, its headers, language and limits."""

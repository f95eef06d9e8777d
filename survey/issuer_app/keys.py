"""The issuer's private keys: one file per wave, which staff commands write and the issuer reads; never overwritten."""

from pathlib import Path

from crypto.durable import private_mode, require_new, sync_folder, write_new
from crypto.errors import RefusedError
from crypto.issuing import Issuer
from crypto.tokens import TokenError
from survey.wave.issuer_key import IssuerDocument, issuer_id


class IssuerKeyError(RefusedError):
    """An issuer's key cannot be made or used; the message says what to do and contains nothing of the key."""


class IssuerKeys:
    """The folder `SOTTO_ISSUER_KEYS`; keys that were read are cached in memory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._loaded: dict[str, Issuer] = {}

    def make(self, study: str, wave: int, output: Path) -> IssuerDocument:
        """
        Make a wave's key: its private half into the folder, its public half to `output`; return the latter.

        Raises FileTakenError where `output` exists, and IssuerKeyError where the folder is open to others.
        """
        require_new(output)
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._require_private()
        issuer = Issuer.new()
        document = IssuerDocument.of(study, wave, issuer.public)
        write_new(self._path(issuer.public), issuer.pem, private_mode(self.folder))
        write_new(output, document.to_bytes(), 0o644)
        return document

    def of(self, public: str) -> Issuer:
        """Return the private key of a manifest's issuer key; raise IssuerKeyError where it is missing."""
        issuer = self._loaded.get(public)
        if issuer is None:
            issuer = self._loaded[public] = self._read(public)
        return issuer

    def delete(self, public: str) -> bool:
        """Delete the key of a closed wave; return whether there was one."""
        self.forget(public)
        try:
            self._path(public).unlink()
            sync_folder(self.folder)
        except OSError:
            return False
        return True

    def forget(self, public: str) -> None:
        """Remove a key from the cache."""
        self._loaded.pop(public, None)

    def _read(self, public: str) -> Issuer:
        try:
            issuer = Issuer.of(self._path(public).read_bytes())
        except (OSError, TokenError):
            raise IssuerKeyError("the wave's issuer key is not in SOTTO_ISSUER_KEYS, or cannot be read") from None
        if issuer.public != public:
            raise IssuerKeyError("a file in SOTTO_ISSUER_KEYS holds another key than its name says")
        return issuer

    def _path(self, public: str) -> Path:
        return self.folder / f"{issuer_id(public)}.pem"

    def _require_private(self) -> None:
        shared = private_mode(self.folder) & 0o040  # a group that new files inherit may look in and read
        if self.folder.stat().st_mode & (0o027 if shared else 0o077):
            raise IssuerKeyError(
                f"{self.folder} is open to other accounts: chmod 700 it, or 2750 where the issuer's account reads it "
                "as its group; then run this again"
            )

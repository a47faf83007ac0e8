"""The pieces that every kind of content file is described with."""

from typing import Annotated

from django.conf import settings
from django.core.exceptions import ValidationError as DjangoValidationError
from django.core.validators import URLValidator
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, create_model

LANGUAGES = [code for code, _name in settings.LANGUAGES]
_is_url = URLValidator(schemes=["http", "https"])


def web_address(value):
    try:
        _is_url(value)
    except DjangoValidationError:
        raise ValueError("is not a web address. Write it in full, starting with https://") from None
    return value


def text(longest=None):
    return Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=longest)]


Text = text()
Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
SourceKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,20}$")]
Address = Annotated[str, AfterValidator(web_address)]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def words(longest=None):
    """Wording in every language of the site, none of them empty."""
    fields = {code.replace("-", "_"): (text(longest), Field(alias=code)) for code in LANGUAGES}
    return create_model("Words", __base__=Part, **fields)


Words, ShortWords, Title, Summary = words(), words(200), words(255), words(500)

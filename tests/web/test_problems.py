"""An error answer is itself wherever it is raised."""

import pytest

from addin_service.installation import Installation
from addin_service.web.errors import Problem


def test_a_problem_passes_through_a_transaction_as_it_is(installation: Installation) -> None:
    raised = Problem(409, "draft-changed", "This is not the message.", "Check it again.")
    for transaction in (installation.store.read, installation.store.write):
        with pytest.raises(Problem) as caught, transaction():
            raise raised
        assert caught.value is raised

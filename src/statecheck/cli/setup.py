"""From arguments to a run: where the root is, what is compared, which rules."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from statecheck.cli.baselines import accepted
from statecheck.cli.configured import Configurations, configured_above, memory_settings, weakenings
from statecheck.cli.formats import FORMATS
from statecheck.cli.opened import is_held_against_head
from statecheck.cli.own_files import load_ledger
from statecheck.clock import Clock
from statecheck.documents import NotATimestampError, parse_timestamp
from statecheck.engine import Policy, Run, root_for, stands_for
from statecheck.errors import UsageError
from statecheck.history import Question, resolve_comparison, wants_ledger
from statecheck.rules import select
from statecheck.trees import GitTree, Repository, WorkingTree, find_repository
from statecheck.workspaces import BASELINE_FILE, LEDGER_FILE, may_hold_state

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence

    from statecheck.cli.configured import Found
    from statecheck.cli.opened import Opened
    from statecheck.configuration import Configuration
    from statecheck.ledger import LedgerFile
    from statecheck.rules import Rule
    from statecheck.workspaces import Kind


def make_run(
    arguments: argparse.Namespace,
    *,
    writes: bool,
    ignored: bool = False,
    environment: Mapping[str, str] = os.environ,
    opened: Opened | None = None,
) -> tuple[Run, Repository | None]:
    """Return what the arguments ask for, and the repository to close afterwards.

    With `writes` the run is of the working tree, whatever hook it is in; with `ignored` what git ignores where state is
    kept counts, too. `environment` is where pre-commit and git tell their hooks what is judged. A repository that is
    `opened` already is the one. Raises `UsageError`, and what the resolver, git, the configuration and the ledger
    raise.
    """
    _rules(arguments, None)  # what was typed goes before what is configured
    if bool(arguments.from_ref) != bool(arguments.to_ref):
        raise UsageError("--from-ref and --to-ref go together")
    if arguments.endpoints and not arguments.from_ref and "PRE_COMMIT_FROM_REF" not in environment:
        raise UsageError("--endpoints is for a range: --from-ref A --to-ref B")
    places = [_real(path) for path in arguments.paths] or [os.getcwd()]
    repository = find_repository(_folder(places[0])) if opened is None else opened.repository
    try:
        return _run(arguments, places, repository, writes, ignored, environment, opened), repository
    except BaseException:
        if repository is not None:
            repository.close()
        raise


def _run(
    arguments: argparse.Namespace,
    places: Sequence[str],
    repository: Repository | None,
    writes: bool,
    ignored: bool,
    environment: Mapping[str, str],
    opened: Opened | None,
) -> Run:
    """Return what the arguments ask for, in a repository that is closed where this raises."""
    if repository is not None and not arguments.from_ref and "PRE_COMMIT_FROM_REF" not in environment:
        _begin(repository, arguments, listed=opened is not None)
    root = repository.root if repository is not None else _plain_root(places)
    whole = repository is not None and not arguments.paths
    named = ("",) if whole else tuple(stands_for(_relative(place, root)) for place in places)
    disk = WorkingTree(root, repository, named) if opened is None else opened.disk
    folder = _standing(places, root)
    configurations = Configurations(disk, repository, folder)
    question = Question(
        base=arguments.base,
        from_ref=arguments.from_ref,
        to_ref=arguments.to_ref,
        staged=arguments.staged,
        history=not arguments.no_history,
        endpoints=arguments.endpoints,
        upstream=configurations.default is not None and configurations.default[1].base == "upstream",
    )
    remembered = load_ledger(disk, repository) if wants_ledger(question, environment, writes=writes) else None
    kept = arguments.record or remembered is not None or disk.entry(LEDGER_FILE) is not None
    if repository is not None and (kept or ignored):
        disk = WorkingTree(
            root,
            repository,
            (*named, *_ignored(repository, remembered, _kinds(configurations), everywhere=arguments.record)),
        )
    ledger = None if remembered is None else remembered.tree()
    comparison = resolve_comparison(question, disk, repository, environment, ledger, writes=writes)
    for path, name in zip(arguments.paths, named, strict=False):
        trees = [tree for tree in (comparison.after, comparison.before) if tree is not None]
        known = (each for tree in trees for each in tree.files())
        if not os.path.lexists(path) and not any(each == name or each.startswith(f"{name}/") for each in known):
            raise UsageError(f"no such file or folder: {path}")
    found, configuration = configurations.counting(comparison, based=arguments.base is not None) or (None, None)
    whole = named == ("",) and not arguments.select and not arguments.ignore
    baseline, added = accepted(comparison, whole=whole, wanted=not arguments.no_baseline)
    after = comparison.after
    tracked = after if isinstance(after, GitTree) else repository.index() if repository is not None else None
    return Run(
        root,
        named,
        _rules(arguments, configuration),
        comparison,
        disk,
        tracked,
        Clock(moment(arguments.now)),
        memory_settings(configuration, comparison, folder),
        repository.ever_had if repository is not None else _never,
        (*weakenings(comparison, folder), *added),
        _policy(configuration, found),
        None if configurations.here is None else configurations.here.path,
        portrayed=FORMATS[arguments.output_format].portrayed,
        baseline=baseline,
        settings=("", b"") if found is None else tuple(found),
        kept=kept,
        start=(lambda: None) if repository is None else repository.objects.split,
    )


def _begin(repository: Repository, arguments: argparse.Namespace, *, listed: bool) -> None:
    """Let git list what is compared while the rest is made ready, and the files unless they are listed already."""
    if not listed:
        repository.begin_listing()
    if is_held_against_head(arguments):
        repository.begin_reading_head()


def _rules(arguments: argparse.Namespace, configuration: Configuration | None) -> dict[str, Rule]:
    """Return the rules to run: --select goes before what is configured, --ignore is added to it.

    Raises `UsageError` where none is left, and `UnknownRuleError`.
    """
    chosen, ignored = words(arguments.select), words(arguments.ignore)
    if arguments.select and not chosen:
        raise UsageError("no rule is left to run: look at --select and --ignore")
    if configuration is not None:
        chosen, ignored = chosen or configuration.select or [], [*ignored, *configuration.ignore]
    rules = select(chosen, ignored)
    if not rules:
        configured = "" if configuration is None else ", and at the configuration"
        raise UsageError(f"no rule is left to run: look at --select and --ignore{configured}")
    return rules


def _policy(configuration: Configuration | None, found: Found | None) -> Policy:
    if configuration is None or found is None:
        return Policy()
    from statecheck.cli.policy import policy_of

    return policy_of(configuration, found.path)


def _never(_: Sequence[str]) -> bool:
    """Say that no commit had a file: there are none."""
    return False


def _kinds(configurations: Configurations) -> Sequence[Kind]:
    """Return the kinds of workspace that are looked for if no other base is asked for."""
    found, configuration = configurations.default or (None, None)
    return _policy(configuration, found).kinds


def _ignored(
    repository: Repository, ledger: LedgerFile | None, kinds: Sequence[Kind], *, everywhere: bool
) -> list[str]:
    """Return what git ignores and may be state: what a ledger remembers, and what lies where state is kept."""
    remembered = [] if ledger is None else [*ledger.logs, *ledger.states]
    return [*(path for path in repository.ignored() if may_hold_state(path, kinds, anywhere=everywhere)), *remembered]


def words(values: Sequence[str]) -> list[str]:
    """Return the words of an option that is repeatable, and takes several separated by commas."""
    return [word.strip() for value in values for word in value.split(",") if word.strip()]


def _real(path: str) -> str:
    """Return an absolute path whose folders are real; the last name may be a link, which is judged as one."""
    absolute = os.path.abspath(path)
    if os.path.isdir(absolute):
        return os.path.realpath(absolute)
    return os.path.join(os.path.realpath(os.path.dirname(absolute)), os.path.basename(absolute))


def _folder(path: str) -> str:
    while not os.path.isdir(path):
        path = os.path.dirname(path)
    return path


def _shared_folder(places: Sequence[str]) -> str:
    """Return the deepest folder that all places lie in."""
    return os.path.commonpath([_folder(each) for each in places])


def _standing(places: Sequence[str], root: str) -> str:
    """Return the folder, relative to the root, that all places lie in; the root where git was told another one."""
    name = os.path.relpath(_shared_folder(places), os.path.realpath(root)).replace(os.sep, "/")
    return "" if name in (".", "..") or name.startswith("../") else name


def _plain_root(places: Sequence[str]) -> str:
    """Return the root of a run without version control: high enough that the workspaces of all places are found.

    Where a folder above has a ledger or a baseline, it is the root: their paths begin there. Else it is the folder
    of the configuration that is nearest to all places.
    """
    root = os.path.commonpath([_folder(root_for(each.replace(os.sep, "/"))) for each in places])
    above = root
    while not any(os.path.lexists(os.path.join(above, *own.split("/"))) for own in (LEDGER_FILE, BASELINE_FILE)):
        if above == os.path.dirname(above):
            configured = configured_above(_shared_folder(places))
            return root if configured is None else os.path.commonpath([root, configured])
        above = os.path.dirname(above)
    return above


def _relative(place: str, root: str) -> str:
    """Return a named path relative to the root. Raises `UsageError` where it belongs to another repository."""
    top = os.path.realpath(root)
    name = os.path.relpath(place, top).replace(os.sep, "/")
    if name == ".." or name.startswith("../"):
        raise UsageError(f"{place} lies outside {root}: run once for each repository")
    folder = _folder(place)
    while len(folder) > len(top):
        if os.path.lexists(os.path.join(folder, ".git")):
            raise UsageError(f"{place} belongs to the repository {folder}, not to {root}: run once for each repository")
        folder = os.path.dirname(folder)
    return "" if name == "." else name


def moment(given: str | None) -> datetime:
    """Return the time to judge by: the one that was given, else that of the clock. Raises `UsageError`."""
    if given is None:
        return datetime.now(UTC)
    try:
        stamp = parse_timestamp(given)
    except NotATimestampError as error:
        raise UsageError(f"--now {given} {error}") from None
    if not stamp.aware:
        raise UsageError(f"--now {given} has no offset; end it with Z for UTC")
    return stamp.moment

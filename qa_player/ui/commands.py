"""The table of commands: every command of the window once, with its menu and its keys."""

from __future__ import annotations

from collections.abc import Callable

from qa_player.settings import Layout
from qa_player.ui.actions import Command
from qa_player.ui.desk import Desk
from qa_player.ui.theme import Scheme

MENUS = ("&File", "&Session", "&Playback", "&Review", "&Calls", "&View", "&Help")
_FILE, _SESSION, _PLAYBACK, _REVIEW, _CALLS, _VIEW, _HELP = MENUS


def commands(
    desk: Desk,
    *,
    quit_program: Callable[[], object],
    show_keys: Callable[[], object],
    lay_out: Callable[[Layout], object],
    to_statements: Callable[[], object],
    to_left_out: Callable[[], object],
) -> list[Command]:
    """All of them, in the order of the menus."""
    return [
        *_file(desk, quit_program),
        *_session(desk),
        *_playback(desk),
        *_review(desk),
        *desk.calling.commands(_CALLS),
        *_view(desk),
        Command("note.doubtful", "To the doubtful statements of the note", to_statements, _VIEW, keys=("F8",)),
        Command("note.left_out", "To what was said and is not in the note", to_left_out, _VIEW, keys=("Shift+F8",)),
        _layout(desk, lay_out, "review", "Layout: Review", "Ctrl+Alt+1"),
        _layout(desk, lay_out, "visit", "Layout: Visit, the note beside it", "Ctrl+Alt+2"),
        _layout(desk, lay_out, "audit", "Layout: Audit, details and trail", "Ctrl+Alt+3"),
        Command("help.keys", "Keys", show_keys, _HELP, keys=("F1",), bare_keys=("?",)),
        *desk.auditing.commands(_HELP),
        *desk.rereading.commands(_HELP),
    ]


def _file(desk: Desk, quit_program: Callable[[], object]) -> list[Command]:
    return [
        Command("connection.add", "New connection…", desk.new_connection, _FILE, keys=("Ctrl+Shift+N",)),
        Command("review.export", "Export this review…", desk.exchanging.export, _FILE, keys=("Ctrl+E",)),
        Command("review.clip", "Hand on this piece of audio…", desk.clips.ask, _FILE, keys=("Ctrl+Shift+E",)),
        Command(
            "review.import",
            "Take in a file of annotations or a transcript…",
            desk.exchanging.take_in,
            _FILE,
            keys=("Ctrl+I",),
        ),
        *desk.sharing.commands(_FILE),
        Command("settings", "Settings…", desk.preferences.edit_settings, _FILE, keys=("Ctrl+,",), begins_group=True),
        Command("quit", "Quit", quit_program, _FILE, keys=("Ctrl+Q",), begins_group=True),
    ]


def _session(desk: Desk) -> list[Command]:
    sessions = desk.panels.sessions
    return [
        Command("session.next", "Next session", lambda: sessions.step(1), _SESSION, keys=("Ctrl+PgDown",)),
        Command("session.previous", "Previous session", lambda: sessions.step(-1), _SESSION, keys=("Ctrl+PgUp",)),
        *desk.filtering.commands(_SESSION),
        Command("session.search_all", "Search all sessions…", desk.search_everything, _SESSION, keys=("Ctrl+Shift+F",)),
        Command("session.bring", "Bring sessions by id…", desk.bringing.sessions, _SESSION, keys=("Ctrl+Shift+O",)),
        *desk.enqueueing.commands(_SESSION),
        *desk.drawing.commands(_SESSION),
        Command("session.timing", "Timing…", desk.retiming.edit, _SESSION, bare_keys=("T",), begins_group=True),
        Command("session.refresh", "Ask the providers again", sessions.refresh, _SESSION, keys=("F5",)),
    ]


def _playback(desk: Desk) -> list[Command]:
    play = desk.playback
    return [
        Command(
            "play.toggle",
            "Play or pause",
            play.toggle,
            _PLAYBACK,
            keys=("Ctrl+Space",),
            bare_keys=("Space", "K"),
        ),
        Command(
            "play.unheard",
            "Play only what is unheard",
            desk.listened.unheard.toggle,
            _PLAYBACK,
            bare_keys=("U",),
            checkable=True,
        ),
        *desk.hearing.again_commands(_PLAYBACK),
        Command(
            "turn.previous", "To the previous turn", play.previous_turn, _PLAYBACK, keys=("Ctrl+Up",), begins_group=True
        ),
        Command("turn.next", "To the next turn", play.next_turn, _PLAYBACK, keys=("Ctrl+Down",)),
        _skip(desk, "back.5", "Back 5 s", -5_000, "Left"),
        _skip(desk, "forward.5", "Forward 5 s", 5_000, "Right"),
        _skip(desk, "back.1", "Back 1 s", -1_000, "Shift+Left"),
        _skip(desk, "forward.1", "Forward 1 s", 1_000, "Shift+Right"),
        _skip(desk, "back.10", "Back 10 s", -10_000, "J", everywhere="Alt+J"),
        _skip(desk, "forward.10", "Forward 10 s", 10_000, "L", everywhere="Alt+L"),
        *desk.delays.commands(_PLAYBACK),
        Command("play.go_to", "Go to…", desk.ask_moment, _PLAYBACK, bare_keys=("G",), begins_group=True),
        Command("play.start", "To the start", lambda: play.seek(0), _PLAYBACK, keys=("Ctrl+Home",)),
        Command("play.end", "To the end", desk.to_end, _PLAYBACK, keys=("Ctrl+End",)),
        Command(
            "speed.slower", "Slower", lambda: desk.change_speed(-1), _PLAYBACK, bare_keys=("[",), begins_group=True
        ),
        Command("speed.faster", "Faster", lambda: desk.change_speed(1), _PLAYBACK, bare_keys=("]",)),
        Command("speed.normal", "Normal speed", lambda: desk.change_speed(0), _PLAYBACK, bare_keys=("\\",)),
        *desk.hearing.sound_commands(_PLAYBACK),
    ]


def _skip(desk: Desk, command_id: str, words: str, delta_ms: int, key: str, *, everywhere: str = "") -> Command:
    return Command(
        f"play.{command_id}",
        words,
        lambda: desk.playback.skip(delta_ms),
        _PLAYBACK,
        keys=(everywhere,) if everywhere else (),
        bare_keys=(key,),
    )


def _review(desk: Desk) -> list[Command]:
    player, marks = desk.panels.player, desk.panels.annotations
    return [
        Command("mark.in", "Selection begins here", player.select_from_here, _REVIEW, bare_keys=("I",)),
        Command("mark.out", "Selection ends here", player.select_to_here, _REVIEW, bare_keys=("O",)),
        _nudge(desk, "mark.earlier", "Last edge 50 ms earlier", -50, ","),
        _nudge(desk, "mark.later", "Last edge 50 ms later", 50, "."),
        Command("mark.edge", "Take the other edge", player.waveform.other_edge, _REVIEW, bare_keys=(";",)),
        Command("mark.none", "Select nothing", player.select_nothing, _REVIEW, bare_keys=("Esc",)),
        Command(
            "mark.comment",
            "Annotate selection or turn…",
            desk.marking.annotate,
            _REVIEW,
            bare_keys=("C",),
            begins_group=True,
        ),
        Command("mark.moment", "Annotate this moment…", desk.marking.mark_moment, _REVIEW, bare_keys=("M",)),
        Command("mark.correct", "Correct the text of the turn…", desk.marking.correct, _REVIEW, bare_keys=("F2",)),
        Command("mark.next", "To the next annotation", lambda: marks.step(1), _REVIEW, bare_keys=("N",)),
        Command("mark.previous", "To the previous annotation", lambda: marks.step(-1), _REVIEW, bare_keys=("Shift+N",)),
        Command("mark.filter", "Filter the annotations", marks.take_filter_focus, _REVIEW, keys=("F7",)),
        Command("mark.displaced", "Annotations whose words changed…", desk.reanchoring.show, _REVIEW),
        Command("mark.delete", "Delete the annotation", desk.marking.delete, _REVIEW),
        Command("undo", "Undo", desk.undoing.undo, _REVIEW, keys=("Ctrl+Z",), begins_group=True),
        Command("redo", "Redo", desk.undoing.redo, _REVIEW, keys=("Ctrl+Shift+Z", "Ctrl+Y")),
        *(_tag(desk, digit) for digit in range(1, 10)),
        *desk.judging.commands(_REVIEW),
        *desk.disputing.commands(_REVIEW),
        *desk.outcomes.commands(_REVIEW),
        *desk.calibrating.commands(_REVIEW),
    ]


def _nudge(desk: Desk, command_id: str, words: str, by_ms: int, key: str) -> Command:
    return Command(command_id, words, lambda: desk.panels.player.waveform.nudge(by_ms), _REVIEW, bare_keys=(key,))


def _tag(desk: Desk, digit: int) -> Command:
    return Command(
        f"tag.{digit}",
        f"Apply tag {digit}",
        lambda: desk.marking.apply_digit(digit),
        _REVIEW,
        press=desk.holding.press(digit),
        keys=(f"Ctrl+{digit}",),
        bare_keys=(f"{digit}",),
        begins_group=digit == 1,
    )


def _view(desk: Desk) -> list[Command]:
    transcript, wave = desk.panels.transcript, desk.panels.player.waveform
    return [
        Command("find", "Find in this transcript", transcript.find_bar.take_focus, _VIEW, keys=("Ctrl+F",)),
        Command("find.next", "Find next", lambda: transcript.step_hit(1), _VIEW, keys=("F3",)),
        Command("find.previous", "Find previous", lambda: transcript.step_hit(-1), _VIEW, keys=("Shift+F3",)),
        Command("follow", "Back to the playhead, and follow", desk.back_to_playhead, _VIEW, keys=("Ctrl+G",)),
        Command("zoom.in", "Zoom in", wave.zoom_in, _VIEW, bare_keys=("+", "="), begins_group=True),
        Command("zoom.out", "Zoom out", wave.zoom_out, _VIEW, bare_keys=("-",)),
        Command("zoom.fit", "Show the whole recording", wave.fit, _VIEW, bare_keys=("0",)),
        _theme(desk, "system", "Looks like the desktop"),
        _theme(desk, "light", "Light"),
        _theme(desk, "dark", "Dark"),
    ]


def _theme(desk: Desk, scheme: Scheme, words: str) -> Command:
    return Command(
        f"theme.{scheme}",
        words,
        lambda: desk.preferences.set_theme(scheme),
        _VIEW,
        ticked=lambda: desk.app.settings.theme == scheme,
        begins_group=scheme == "system",
    )


def _layout(desk: Desk, lay_out: Callable[[Layout], object], layout: Layout, words: str, key: str) -> Command:
    return Command(
        f"layout.{layout}",
        words,
        lambda: lay_out(layout),
        _VIEW,
        keys=(key,),
        ticked=lambda: desk.app.settings.layout == layout,
        begins_group=layout == "review",
    )

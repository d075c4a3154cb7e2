"""Runs a program on a pseudo-terminal: WIDTH PROMPT TYPED PROGRAM ARGS… Types TYPED once PROMPT was seen; prints all that it wrote, and ends as it did."""

import fcntl
import os
import pty
import struct
import sys
import termios

width, prompt, typed, program = int(sys.argv[1]), sys.argv[2].encode(), sys.argv[3].encode(), sys.argv[4:]
child, terminal = pty.fork()
if child == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    os.execvp(program[0], program)
said = b""
while True:
    try:
        said += os.read(terminal, 65536)
    except OSError:
        break
    if typed and prompt in said:
        os.write(terminal, typed)
        typed = b""
sys.stdout.buffer.write(said)
sys.stdout.flush()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))

package dev.kmemu.cli.report;

import java.util.ArrayDeque;
import java.util.Deque;

/** Writes indented JSON (RFC 8259). */
final class JsonWriter {

  private final StringBuilder out = new StringBuilder();
  private final Deque<Character> closers = new ArrayDeque<>();
  private boolean first = true;
  private boolean afterName;

  JsonWriter beginObject() {
    return begin('{', '}');
  }

  void endObject() {
    end();
  }

  JsonWriter beginArray() {
    return begin('[', ']');
  }

  void endArray() {
    end();
  }

  JsonWriter name(String name) {
    separate();
    quote(name);
    out.append(": ");
    afterName = true;
    return this;
  }

  void text(String value) {
    separate();
    quote(value);
  }

  void hex(long value) {
    text("0x" + Long.toHexString(value));
  }

  void number(long value) {
    separate();
    out.append(value);
  }

  String finish() {
    return out.append('\n').toString();
  }

  private JsonWriter begin(char opener, char closer) {
    separate();
    out.append(opener);
    closers.push(closer);
    first = true;
    return this;
  }

  private void end() {
    char closer = closers.pop();
    if (!first) {
      newLine();
    }
    out.append(closer);
    first = false;
  }

  private void separate() {
    if (afterName) {
      afterName = false;
      return;
    }
    if (closers.isEmpty()) {
      return;
    }
    if (!first) {
      out.append(',');
    }
    first = false;
    newLine();
  }

  private void newLine() {
    out.append('\n').append("  ".repeat(closers.size()));
  }

  private void quote(String value) {
    out.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '"', '\\' -> out.append('\\').append(c);
        case '\n' -> out.append("\\n");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < ' ') {
            out.append(String.format("\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}

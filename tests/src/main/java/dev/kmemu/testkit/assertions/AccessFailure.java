package dev.kmemu.testkit.assertions;

import dev.kmemu.testkit.guest.AccessHint;
import dev.kmemu.testkit.guest.GuestAccess;
import dev.kmemu.testkit.guest.GuestCpu;

/** The text of a failed assertion on an access. */
final class AccessFailure {

  private AccessFailure() {}

  static String message(GuestCpu guest, GuestAccess access, String expected) {
    StringBuilder text = new StringBuilder();
    text.append("\nExpecting ").append(what(access)).append(' ').append(expected);
    text.append("\nbut was: ").append(result(access)).append('\n');
    access.served().forEach(fault -> text.append("after:   ").append(fault).append('\n'));
    AccessHint.of(guest, access)
        .ifPresent(hint -> text.append("hint:    ").append(hint).append('\n'));
    text.append("\nPage walk in ").append(guest.pmap()).append(":\n");
    text.append(guest.walk(access.address()));
    return text.toString();
  }

  private static String what(GuestAccess access) {
    String verb =
        switch (access.kind()) {
          case READ -> "load of " + access.bytes() + " bytes";
          case WRITE -> "store of " + access.bytes() + " bytes";
          case FETCH -> "fetch";
        };
    return verb + " at " + access.address() + " (CPL " + access.cpl() + ")";
  }

  private static String result(GuestAccess access) {
    return access
        .fault()
        .map(Object::toString)
        .orElseGet(
            () ->
                switch (access.kind()) {
                  case READ -> String.format("0x%x", access.value());
                  case WRITE, FETCH -> "completed";
                });
  }
}

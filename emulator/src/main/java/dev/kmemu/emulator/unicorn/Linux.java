package dev.kmemu.emulator.unicorn;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import com.sun.jna.Platform;

/** Calls of the C library that only Linux has. */
final class Linux {

  static final int MFD_CLOEXEC = 1;

  static {
    Native.register(Linux.class, Platform.C_LIBRARY_NAME);
  }

  private Linux() {}

  static native int memfd_create(String name, int flags) throws LastErrorException;
}

package dev.kmemu.testkit.junit;

import dev.kmemu.emulator.unicorn.UnicornLoader;

/** What a project of somebody's own does about a missing libunicorn. */
final class NoLibrary {

  private NoLibrary() {}

  static String message(Throwable cause) {
    return "no guest can run: "
        + cause.getMessage()
        + "\nOne of these helps:"
        + "\n  - Debian 13, Ubuntu 25.04 or newer: apt-get install libunicorn2"
        + "\n  - "
        + UnicornLoader.VARIABLE
        + "=/path/to/libunicorn.so.2 in the environment that Maven or the IDE is started from"
        + "\n  - -D"
        + UnicornLoader.PROPERTY
        + "=/path/to/libunicorn.so.2 in the argLine of maven-surefire-plugin"
        + "\n  - in a checkout of kmemu: ./kmemu setup fetches the library and prints its path, and"
        + "\n    ./kmemu test -f /path/to/your/pom.xml runs your tests with it";
  }
}

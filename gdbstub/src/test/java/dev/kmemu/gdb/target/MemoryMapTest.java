package dev.kmemu.gdb.target;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.gdb.NoLeaks;
import dev.kmemu.gdb.ToyDebugger;
import dev.kmemu.gdb.ToyTarget;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class MemoryMapTest {

  private final ToyTarget target = new ToyTarget().withEverything();
  private final ToyDebugger gdb = new ToyDebugger(target);

  @AfterEach
  void disconnect() {
    gdb.close();
  }

  @Test
  void everyAddressMayBeRam() {
    String map = gdb.ask("qXfer:memory-map:read::0,1000");
    assertThat(map)
        .startsWith("l<?xml")
        .contains("<!-- physical RAM: 0 to 0xfff -->")
        .contains("start=\"0x0\" length=\"0x8000000000000000\"")
        .contains("start=\"0x8000000000000000\" length=\"0x8000000000000000\"");
  }

  @Test
  void noLibrariesAreKnown() {
    assertThat(gdb.ask("qXfer:libraries:read::0,1000"))
        .endsWith("<library-list version=\"1.0\"></library-list>\n");
    assertThat(gdb.ask("qXfer:libraries:read:x:0,1000")).isEqualTo("E16");
  }
}

package dev.kmemu.gdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.util.LeakPresenceDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import org.junit.jupiter.api.Test;

class NoLeaksTest {

  @Test
  void theBuildChoosesTheDetectorThatTheOtherTestsCheck() {
    assertThat(ResourceLeakDetectorFactory.instance().newResourceLeakDetector(ByteBuf.class))
        .isInstanceOf(LeakPresenceDetector.class);
  }
}

package dev.kmemu.gdb;

import io.netty.util.LeakPresenceDetector;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test that leaves a buffer unreleased. The detector is chosen in the build, as Netty reads
 * it once.
 */
public final class NoLeaks implements AfterEachCallback {

  @Override
  public void afterEach(ExtensionContext context) {
    LeakPresenceDetector.check();
  }
}

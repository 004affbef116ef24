package dev.kmemu.vm.kern;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestInstanceFactoryContext;
import org.junit.jupiter.api.extension.TestInstancePreConstructCallback;

/**
 * Gives every test a thread that holds no token and is no system thread, and asks to have it back
 * so. What a test that failed left behind would fail those after it too, and mutation coverage
 * would count them all.
 */
public final class FreshThreadState implements TestInstancePreConstructCallback, AfterEachCallback {

  @Override
  public void preConstructTestInstance(TestInstanceFactoryContext factory, ExtensionContext context)
      throws ReflectiveOperationException {
    Field current = LwktThread.class.getDeclaredField("CURRENT");
    current.setAccessible(true);
    ((ThreadLocal<?>) current.get(null)).remove();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    if (context.getExecutionException().isEmpty()) {
      assertThat(LwktThread.current().tokensHeld()).as("tokens still held").isEmpty();
      assertThat(LwktThread.current().isSystemThread()).as("a system thread still").isFalse();
    }
  }
}

package dev.kmemu.campaign.gdb;

import dev.kmemu.campaign.PlantedSuite;
import dev.kmemu.emulator.debug.DebugTarget;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The gdb suite finds what a stub, or the machine behind it, gets wrong. */
class PlantedGdbBugsTest {

  private static void assertFound(String method, InvocationHandler broken) {
    PlantedSuite.of(
            "gdb", options -> new GdbStage(options, target -> planted(target, method, broken)))
        .assertFound(60, 12, 4);
  }

  private static DebugTarget planted(DebugTarget target, String broken, InvocationHandler handler) {
    return (DebugTarget)
        Proxy.newProxyInstance(
            DebugTarget.class.getClassLoader(),
            new Class<?>[] {DebugTarget.class},
            (proxy, method, arguments) -> {
              try {
                return method.getName().equals(broken)
                    ? handler.invoke(target, method, arguments)
                    : method.invoke(target, arguments);
              } catch (InvocationTargetException e) {
                throw Objects.requireNonNull(e.getCause());
              }
            });
  }

  @Test
  void aLongWriteThatChangesItsLastByteIsFound() {
    assertFound(
        "writeMemory",
        (target, method, arguments) -> {
          byte[] bytes = ((byte[]) arguments[1]).clone();
          int offset = (int) arguments[2];
          int length = (int) arguments[3];
          bytes[offset + length - 1] ^= length > 20 ? (byte) 1 : 0;
          return method.invoke(target, arguments[0], bytes, offset, length);
        });
  }

  @Test
  void aRegisterThatLosesItsSignIsFound() {
    assertFound(
        "writeRegister",
        (target, method, arguments) -> {
          byte[] bytes = ((byte[]) arguments[1]).clone();
          int offset = (int) arguments[2];
          // The sign goes.
          bytes[offset + 3] &= 0x7F;
          return method.invoke(target, arguments[0], bytes, offset);
        });
  }
}

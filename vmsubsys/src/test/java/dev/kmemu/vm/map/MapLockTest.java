package dev.kmemu.vm.map;

import static dev.kmemu.vm.map.MapKernel.at;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.vm.kern.KernelPanic;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a map's lock allows, and to whom. */
class MapLockTest {

  private final MapKernel kernel = new MapKernel();

  @AfterEach
  void invariantsHold() {
    kernel.check();
  }

  @Test
  void aLookupWithoutTheLockIsAPanic() {
    assertThatThrownBy(() -> kernel.map.lookupEntry(at(0)))
        .isInstanceOf(KernelPanic.class)
        .hasMessageContaining("map locked in vm_map_lookup_entry");
  }

  @Test
  void aLookupRemembersWhatItFoundButNoNeighbour() {
    kernel.anonymous(0, 2);
    kernel.anonymous(4, 6);
    kernel.map.lockRead();
    kernel.map.lookupEntry(at(1));
    assertThat(kernel.map.hint()).isSameAs(kernel.entry(0));

    assertThat(kernel.map.lookupEntry(at(7))).isSameAs(kernel.entry(4));

    assertThat(kernel.map.hint()).isSameAs(kernel.entry(0));
    kernel.map.unlock();
  }

  @Test
  void aDowngradeLetsReadersIn() {
    kernel.map.lock();
    assertThat(kernel.map.tryLockRead()).isFalse();

    kernel.map.downgrade();

    assertThat(kernel.map.tryLockRead()).isTrue();
    kernel.map.unlock();
    kernel.map.unlock();
  }

  @Test
  void theSecondReaderThatUpgradesLosesItsLockAndLetsTheFirstOneGoOn() {
    kernel.map.lockRead();
    CompletableFuture<Boolean> first =
        CompletableFuture.supplyAsync(
            () -> {
              kernel.map.lockRead();
              boolean upgraded = kernel.map.upgrade();
              kernel.map.unlock();
              return upgraded;
            },
            body -> new Thread(body).start());
    while (kernel.map.lockHolders().waiters().isEmpty()) {
      Thread.onSpinWait();
    }
    int timestamp = kernel.map.timestamp();

    assertThat(kernel.map.upgrade()).isFalse();

    assertThat(first.join()).isTrue();
    assertThat(kernel.map.timestamp()).isEqualTo(timestamp + 1);
    assertThat(kernel.map.lockHolders().readers()).isZero();
  }
}

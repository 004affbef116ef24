package dev.kmemu.vm.kern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LwktThreadTest {

  private final LwktThread me = LwktThread.current();

  @Test
  void threadsAreDealtOutToTheCpusInTurn() throws Exception {
    List<Integer> cpus = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      Thread thread = new Thread(() -> cpus.add(LwktThread.current().cpu(4)));
      thread.start();
      thread.join();
    }

    int first = cpus.get(0);
    assertThat(cpus)
        .containsExactlyElementsOf(IntStream.range(0, 8).mapToObj(i -> (first + i) % 4).toList());
  }

  @Test
  void aThreadStaysOnItsCpu() {
    assertThat(LwktThread.current()).isSameAs(me);
    assertThat(me.cpu(16)).isEqualTo(me.cpu(16)).isBetween(0, 15);
    assertThat(me.cpu(1)).isZero();
  }

  @Test
  void aThreadIsASystemThreadUntilTheOutermostScopeEnds() {
    try (LwktThread.Scope outer = me.asSystemThread()) {
      try (LwktThread.Scope inner = me.asSystemThread()) {
        assertThat(inner).isNotSameAs(outer);
        assertThat(me.isSystemThread()).isTrue();
      }
      assertThat(me.isSystemThread()).isTrue();
    }

    assertThat(me.isSystemThread()).isFalse();
  }

  @Test
  void anInterruptHandlerMayTakeNoToken() {
    Token token = new Token("vm_token", 0);
    try (LwktThread.Scope interrupt = me.enterInterrupt()) {
      assertThat(interrupt).isNotNull();
      assertThatThrownBy(token::get)
          .isInstanceOf(KernelPanic.class)
          .hasMessage("assertion: gd_intr_nesting_level == 0 in lwkt_gettoken");
    }

    assertThat(token.holder()).isNull();
    token.get();
    assertThat(token.holder()).isSameAs(Thread.currentThread());
    token.release();
  }

  @Test
  void heldTokensAreListedInTheOrderTheyWereTaken() {
    VmTokens tokens = VmTokens.create();
    tokens.vm().get();
    tokens.vmobj().get();
    tokens.vm().get();

    assertThat(me.tokensHeld()).containsExactly(tokens.vm(), tokens.vmobj(), tokens.vm());

    tokens.vm().release();
    tokens.vmobj().release();
    tokens.vm().release();
    assertThat(me.tokensHeld()).isEmpty();
  }

  @Test
  void theRankIsComparedWithEveryTokenHeldNotJustTheLast() {
    Token low = new Token("low", 0);
    Token middle = new Token("middle", 1);
    Token high = new Token("high", 2);
    low.get();
    high.get();
    low.get();

    assertThatThrownBy(middle::get)
        .isInstanceOf(KernelPanic.class)
        .hasMessage("lwkt_gettoken: out of order (middle after high)");

    low.release();
    high.release();
    low.release();
  }
}

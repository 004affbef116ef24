package dev.kmemu.campaign.pmap;

import dev.kmemu.campaign.pmap.PmapVerb.Operands;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Which operation last concerned an address or a page: where a difference probably comes from. */
final class Suspects {

  private final @Nullable PmapVerb[][] byAddress =
      new @Nullable PmapVerb[PmapModel.KERNEL + 1][PmapAddresses.COUNT];
  private final @Nullable PmapVerb[] byPage = new @Nullable PmapVerb[Operands.PAGES];
  private @Nullable PmapVerb last;

  void clear() {
    for (@Nullable PmapVerb[] space : byAddress) {
      Arrays.fill(space, null);
    }
    Arrays.fill(byPage, null);
    last = null;
  }

  void note(PmapVerb verb) {
    last = verb;
  }

  void note(PmapVerb verb, int space, int at) {
    byAddress[space][at] = verb;
  }

  void notePage(PmapVerb verb, int page) {
    byPage[page] = verb;
  }

  String last() {
    return word(last);
  }

  String of(int space, int at) {
    return word(byAddress[space][at]);
  }

  String ofPage(int page) {
    return word(byPage[page]);
  }

  private static String word(@Nullable PmapVerb verb) {
    return verb == null ? "nothing" : verb.word();
  }
}

package dev.kmemu.campaign.pmap;

import dev.kmemu.campaign.coverage.Coverage;
import dev.kmemu.campaign.coverage.FeatureTable;
import dev.kmemu.campaign.guest.AccessType;
import dev.kmemu.emulator.cpu.TrapFrame;
import dev.kmemu.vm.pmap.PteBits;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What the suite counts as covered. */
final class PmapFeatures {

  private static final long[] BITS = {
    PteBits.V, PteBits.RW, PteBits.U, PteBits.A, PteBits.M, PteBits.NX, PteBits.G, PteBits.W
  };
  private static final String BIT_NAMES = "PWUADNGw";
  private static final int PTE_PATTERNS = 1 << BITS.length;
  private static final int KINDS = AccessType.values().length;
  private static final List<PmapVerb> VERB_LIST = List.of(PmapVerb.values());
  private static final int VERBS = VERB_LIST.size();
  private static final int CODES = 32;
  private static final int SITUATIONS = 64;
  private static final int SHARERS = 8;

  private static final int PTE = 0;
  private static final int OUTCOME = 1;
  private static final int PAIR = 2;
  private static final int SITUATION = 3;
  private static final int SHARING = 4;

  static final List<FeatureTable> TABLES =
      List.of(
          new FeatureTable("pte", PTE_PATTERNS * KINDS * 4, PmapFeatures::pteLabel),
          new FeatureTable("outcome", CODES + 1, PmapFeatures::outcomeLabel),
          new FeatureTable("pair", VERBS * VERBS, i -> verb(i / VERBS) + "/" + verb(i % VERBS)),
          new FeatureTable("situation", VERBS * SITUATIONS, PmapFeatures::situationLabel),
          new FeatureTable("sharing", VERBS * SHARERS, i -> verb(i / SHARERS) + "/" + i % SHARERS));

  private Coverage coverage = new Coverage(TABLES);
  private int last = -1;

  void begin(Coverage target) {
    coverage = target;
    last = -1;
  }

  void verb(PmapVerb verb) {
    if (last >= 0) {
      coverage.hit(PAIR, last * VERBS + verb.number());
    }
    last = verb.number();
  }

  /** Counts an access: the entry before it, the kind, the ring, and what came of it. */
  void access(long entry, AccessType type, boolean user, int outcome) {
    int pattern = 0;
    for (int i = 0; i < BITS.length; i++) {
      pattern |= (entry & BITS[i]) != 0 ? 1 << i : 0;
    }
    boolean allowed = outcome == PmapModel.ALLOWED;
    int index = ((pattern * KINDS + type.number()) * 2 + (user ? 1 : 0)) * 2 + (allowed ? 1 : 0);
    coverage.hit(PTE, index);
    coverage.hit(OUTCOME, allowed ? CODES : outcome & (CODES - 1));
  }

  /** Counts what a verb met at an address. */
  void situation(PmapVerb verb, @Nullable ModelMapping old, boolean onCpu) {
    int situation =
        old == null
            ? 0
            : 1
                | (old.writable ? 2 : 0)
                | (old.wired ? 4 : 0)
                | (old.managed ? 8 : 0)
                | (old.modified ? 16 : 0);
    coverage.hit(SITUATION, verb.number() * SITUATIONS + situation + (onCpu ? 32 : 0));
  }

  /** Counts in how many places a page is mapped that a verb is about. */
  void sharing(PmapVerb verb, ModelPage page) {
    int sharers = Math.min(page.mappings.size(), SHARERS - 1);
    coverage.hit(SHARING, verb.number() * SHARERS + sharers);
  }

  private static String verb(int number) {
    return VERB_LIST.get(number).word();
  }

  private static String pteLabel(int index) {
    StringBuilder label = new StringBuilder();
    int pattern = index / (KINDS * 4);
    for (int i = 0; i < BITS.length; i++) {
      label.append((pattern >> i & 1) != 0 ? BIT_NAMES.charAt(i) : '-');
    }
    String kind = AccessType.of(index / 4 % KINDS).name().toLowerCase(Locale.ROOT);
    return label
        .append('/')
        .append(kind)
        .append((index & 2) != 0 ? "/user" : "/kernel")
        .append((index & 1) != 0 ? "/ok" : "/fault")
        .toString();
  }

  private static String outcomeLabel(int code) {
    return code == CODES ? "ok" : faultLabel(code);
  }

  /** Returns an error code in words. */
  static String faultLabel(int code) {
    return String.format(
        "#PF 0x%x (%s, %s, %s)",
        code,
        (code & TrapFrame.PF_PRESENT) != 0 ? "protection" : "not present",
        (code & TrapFrame.PF_FETCH) != 0
            ? "fetch"
            : (code & TrapFrame.PF_WRITE) != 0 ? "write" : "read",
        (code & TrapFrame.PF_USER) != 0 ? "user" : "supervisor");
  }

  private static String situationLabel(int index) {
    int situation = index % SITUATIONS;
    String what =
        (situation & 1) == 0
            ? "nothing"
            : ((situation & 2) != 0 ? "writable" : "read-only")
                + ((situation & 4) != 0 ? " wired" : "")
                + ((situation & 8) != 0 ? "" : " unmanaged")
                + ((situation & 16) != 0 ? " modified" : "");
    return verb(index / SITUATIONS) + "/" + what + ((situation & 32) != 0 ? "/on CPU" : "/off");
  }
}

/** What any pmap must do, as tests: {@link dev.kmemu.conformance.PmapConformance}. */
@NullMarked
package dev.kmemu.conformance;

import org.jspecify.annotations.NullMarked;

/**
 * Pmaps with one fault each, as kernels have had them: what the conformance suite and campaigns
 * must find. Each is a provider that can be named by its class.
 */
@NullMarked
package dev.kmemu.conformance.mutant;

import org.jspecify.annotations.NullMarked;

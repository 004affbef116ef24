/** What a run has to tell, for people and for programs. */
@NullMarked
package dev.kmemu.cli.report;

import org.jspecify.annotations.NullMarked;

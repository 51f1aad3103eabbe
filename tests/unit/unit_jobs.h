/*
 * unit_jobs.h - what `systemctl list-jobs --no-legend --no-pager --plain --full` of systemd 252 said to a stop command, recorded
 */
#ifndef OCC_TESTS_UNIT_JOBS_H
#define OCC_TESTS_UNIT_JOBS_H

#define JOBS_RESTART "186 opencode-cloud.service restart running\n"
#define JOBS_STOP "236 opencode-cloud.service stop running\n"

/* With its heading, as a person sees it. */
#define JOBS_STOP_LEGEND \
	"JOB UNIT                   TYPE STATE\n" \
	"236 opencode-cloud.service stop running\n" \
	"\n" \
	"1 jobs listed.\n"

/* The last session of a user without linger ended, or the machine goes down, in the user's manager. */
#define JOBS_USER_EXIT \
	"22 dbus.socket            stop  waiting\n" \
	"12 systemd-exit.service   start waiting\n" \
	"20 sockets.target         stop  waiting\n" \
	"14 timers.target          stop  waiting\n" \
	"13 shutdown.target        start waiting\n" \
	"18 opencode-cloud.service stop  running\n" \
	"21 app.slice              stop  waiting\n" \
	"11 exit.target            start waiting\n" \
	"17 basic.target           stop  waiting\n" \
	"23 paths.target           stop  waiting\n"

#define JOBS_SHUTDOWN \
	"398 user-1000.slice                    stop  waiting\n" \
	"455 local-fs.target                    stop  waiting\n" \
	"500 var-lib-docker.mount               stop  waiting\n" \
	"456 systemd-tmpfiles-setup.service     stop  waiting\n" \
	"466 opencode-cloud.service             stop  running\n" \
	"451 basic.target                       stop  waiting\n" \
	"388 halt.target                        start waiting\n" \
	"498 umount.target                      start waiting\n" \
	"461 dbus.service                       stop  waiting\n" \
	"438 docker.socket                      stop  waiting\n" \
	"390 shutdown.target                    start waiting\n" \
	"457 sysinit.target                     stop  waiting\n" \
	"399 user@1000.service                  stop  running\n" \
	"497 final.target                       start waiting\n" \
	"389 systemd-halt.service               start waiting\n" \
	"460 dbus.socket                        stop  waiting\n"

/* systemctl isolate rescue.target */
#define JOBS_RESCUE \
	"176 systemd-journald-audit.socket        start waiting\n" \
	"194 systemd-update-utmp-runlevel.service start running\n" \
	"216 systemd-logind.service               stop  running\n" \
	"202 systemd-user-sessions.service        stop  running\n" \
	"172 systemd-sysctl.service               start running\n" \
	"215 docker.socket                        stop  waiting\n" \
	"208 opencode-cloud.service               stop  running\n" \
	"213 docker.service                       stop  waiting\n" \
	"211 sockets.target                       stop  waiting\n" \
	"204 basic.target                         stop  waiting\n"

#endif

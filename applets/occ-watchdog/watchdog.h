/*
 * watchdog.h - the supervisor of one instance: what its parts share
 *
 * One process, one loop. Parts (events, probes, activity, memory, worker, control) tell drive.c what they see; drive.c asks the policy and carries its orders
 * out. Whatever blocks (the engine's calls that act, evidence, notifications) runs in a child, a copy of this process, one at a time.
 */
#ifndef OCC_APPLETS_WATCHDOG_H
#define OCC_APPLETS_WATCHDOG_H

#include "applets/applet.h"
#include "applets/occ-watchdog/parts.h"
#include "lib/deploy/control_server.h"
#include "lib/deploy/incident.h"
#include "lib/deploy/ladder.h"
#include "lib/deploy/notice_send.h"
#include "lib/deploy/revive.h"
#include "lib/proc/notify.h"

struct watchdog {
	struct run *run;
	struct arena arena;		/* the service's, anew with each reload */
	struct service service;
	struct loop loop;
	struct loop_signals signals;
	struct notify notify;
	struct watch ping, tick, due, yield;	/* service manager, files looked at, policy's deadline, lock looked at */
	struct policy policy;
	struct policy_config policy_config;
	struct ladder ladder;
	struct ladder_file ladder_file;
	struct file_lock lock;		/* owner of restarts */
	struct control_server control;
	struct notice_sender sender;
	struct wd_target target;
	struct wd_events events;
	struct wd_probes probes;
	struct wd_activity activity;
	struct wd_learn learn;
	struct wd_worker worker;
	struct wd_edge edge;
	struct { struct watch look; struct loop_child child; const struct chore_kind *running; int64_t since_epoch_s; } schedule;	/* what is due now and then */
	struct incident_sample samples[INCIDENT_SAMPLES_MAX];
	size_t n_samples;		/* ring: the newest is at (n_samples - 1) % MAX */
	int64_t changed_ns;		/* of state.json and config.json together, when they were last read */
	bool is_lease;			/* suspended over the control socket, not by the lock */
	bool is_ending;
	bool was_stopped;		/* by the service manager, opencode with it */
	bool is_fresh;			/* the machine or the engine was started anew: what ended with it is not counted */
	bool is_by_hand;		/* this one was started to start what was stopped: that it is found ended is no news */
	uint64_t last_incident;
	int64_t memory_rests_until_ms;	/* after a restart for it: watchdog.reset_seconds */
	char trouble[WATCHDOG_TEXT];	/* the worker's last failure, for status */
	char status[WATCHDOG_TEXT];	/* as last told to the service manager */
};

void wd_say(const struct watchdog *wd, const char *fmt, ...) PRINTF_LIKE(2, 3);	/* a line for the journal */
void wd_ended(struct watchdog *wd);		/* a child has: the last one's end is ours, when we are ending */
int wd_reload(struct watchdog *wd, struct err *e) MUST_CHECK;	/* configuration, credentials and state anew; as before when they are invalid */

/* drive.c */
void drive(struct watchdog *wd, enum policy_event_kind kind, enum cause cause, bool is_uncounted);
void drive_target(struct watchdog *wd, const struct wd_target *t);	/* another life of the container */
void drive_state(struct watchdog *wd);		/* reads desired state and configuration when their files have changed */
bool drive_yields(struct watchdog *wd);		/* true when a command holds the lock: told to the policy, looked at again */
void drive_yield(struct watchdog *wd);		/* as that, when the lock was found taken or a lease was given */
void drive_config(struct watchdog *wd);		/* policy_config from the configuration */
int64_t drive_next_try_ms(const struct watchdog *wd);	/* from now; -1: none is planned */
const char *drive_status(struct watchdog *wd, char *text, size_t n);	/* one line for people */

/* events.c: the engine's stream */
void events_start(struct watchdog *wd);
void events_stop(struct watchdog *wd);
void events_lost(struct watchdog *wd, const char *why);

/* probes.c */
int probes_prepare(struct watchdog *wd, struct err *e) MUST_CHECK;	/* the request, from credentials and target */
void probes_soon(struct watchdog *wd);		/* the next one now */
void probes_stop(struct watchdog *wd);

/* activity.c */
void activity_follow(struct watchdog *wd);
void activity_unfollow(struct watchdog *wd);

/* learn.c */
void learn_begin(struct watchdog *wd);
void learn_stop(struct watchdog *wd);

/* worker.c */
void worker_init(struct watchdog *wd);
void worker_ask(struct watchdog *wd, const struct wd_job *job);
bool worker_is_acting(const struct watchdog *wd);	/* a start, restart or stop of ours is under way: its events are no news */
void worker_look(struct watchdog *wd);		/* learns address and times of a container that somebody started */

/* edge.c: the edge's process, where no service manager runs it */
void edge_init(struct watchdog *wd);
void edge_follow(struct watchdog *wd);		/* what the configuration says by now */
void edge_end(struct watchdog *wd);		/* wd_ended is called when it has */
void edge_close(struct watchdog *wd);

/* schedule.c: backups, and the question for a newer opencode, when they are due */
void schedule_begin(struct watchdog *wd);
void schedule_end(struct watchdog *wd);		/* wd_ended is called when it has */

/* tell.c: notifications */
void tell_backup(struct watchdog *wd);		/* that one failed */
void tell_news(struct watchdog *wd);		/* of a newer opencode */
void tell_trouble(struct watchdog *wd, enum policy_notice n);
void tell_activity(struct watchdog *wd, const struct activity_event *ev);

/* serve.c: the control socket's answers */
int serve_start(struct watchdog *wd, struct err *e) MUST_CHECK;

#endif

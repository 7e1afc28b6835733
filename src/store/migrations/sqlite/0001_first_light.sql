-- Instants are microseconds since 1970 in UTC, truth values 0 and 1, JSON is text.
-- Identifiers handed out to the world are never used twice: AUTOINCREMENT.

CREATE TABLE cameras (
    id TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    folder_path TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'online' CHECK (status IN ('online', 'offline', 'error', 'unknown')),
    created_at INTEGER NOT NULL,
    last_seen_at INTEGER,
    deleted_at INTEGER
) STRICT;
CREATE UNIQUE INDEX idx_cameras_name_unique ON cameras (name);
CREATE UNIQUE INDEX idx_cameras_folder_path_unique ON cameras (folder_path);

CREATE TABLE detections (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    camera_id TEXT NOT NULL REFERENCES cameras (id) ON DELETE CASCADE,
    file_path TEXT NOT NULL,
    file_type TEXT,
    detected_at INTEGER NOT NULL,
    object_type TEXT,
    confidence REAL CHECK (confidence BETWEEN 0 AND 1),
    bbox_x INTEGER,
    bbox_y INTEGER,
    bbox_width INTEGER,
    bbox_height INTEGER,
    thumbnail_path TEXT,
    media_type TEXT DEFAULT 'image' CHECK (media_type IN ('image', 'video')),
    duration REAL,
    video_codec TEXT,
    video_width INTEGER,
    video_height INTEGER,
    track_id INTEGER,
    track_confidence REAL CHECK (track_confidence BETWEEN 0 AND 1),
    enrichment_data TEXT,
    labels TEXT
) STRICT;
CREATE INDEX idx_detections_detected_at ON detections (detected_at);
CREATE INDEX idx_detections_camera_time ON detections (camera_id, detected_at);
CREATE INDEX idx_detections_camera_object ON detections (camera_id, object_type);
CREATE INDEX idx_detections_object_time ON detections (object_type, detected_at);

CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    batch_id TEXT NOT NULL,
    camera_id TEXT NOT NULL REFERENCES cameras (id) ON DELETE CASCADE,
    started_at INTEGER NOT NULL,
    ended_at INTEGER CHECK (ended_at >= started_at),
    risk_score INTEGER CHECK (risk_score BETWEEN 0 AND 100),
    risk_level TEXT CHECK (risk_level IN ('low', 'medium', 'high', 'critical')),
    summary TEXT,
    reasoning TEXT,
    llm_prompt TEXT,
    factors TEXT,
    assessed_by TEXT,
    reviewed INTEGER NOT NULL DEFAULT 0 CHECK (reviewed IN (0, 1)),
    notes TEXT,
    is_fast_path INTEGER NOT NULL DEFAULT 0 CHECK (is_fast_path IN (0, 1)),
    object_types TEXT,
    clip_path TEXT,
    deleted_at INTEGER,
    snooze_until INTEGER,
    version INTEGER NOT NULL DEFAULT 1
) STRICT;
-- A batch becomes one event, however often it is judged.
CREATE UNIQUE INDEX idx_events_batch_unique ON events (batch_id);
CREATE INDEX idx_events_started_at ON events (started_at);
CREATE INDEX idx_events_camera_time ON events (camera_id, started_at);
CREATE INDEX idx_events_level_time ON events (risk_level, started_at);
CREATE INDEX idx_events_risk_score ON events (risk_score);
CREATE INDEX idx_events_unreviewed ON events (id) WHERE reviewed = 0;

CREATE TABLE event_detections (
    event_id INTEGER NOT NULL REFERENCES events (id) ON DELETE CASCADE,
    detection_id INTEGER NOT NULL REFERENCES detections (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (event_id, detection_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX idx_event_detections_detection ON event_detections (detection_id);

CREATE TABLE gpu_stats (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    recorded_at INTEGER NOT NULL,
    gpu_name TEXT,
    gpu_utilization REAL,
    memory_used INTEGER,
    memory_total INTEGER,
    temperature REAL,
    power_usage REAL,
    power_limit REAL,
    inference_fps REAL,
    fan_speed INTEGER,
    sm_clock INTEGER,
    sm_clock_max INTEGER,
    memory_bandwidth_utilization REAL,
    throttle_reasons INTEGER,
    pcie_replay_counter INTEGER,
    temp_slowdown_threshold REAL,
    memory_clock INTEGER,
    memory_clock_max INTEGER,
    pcie_link_gen INTEGER,
    pcie_link_width INTEGER,
    pcie_tx_throughput INTEGER,
    pcie_rx_throughput INTEGER,
    encoder_utilization INTEGER,
    decoder_utilization INTEGER,
    bar1_used INTEGER,
    pstate INTEGER,
    compute_processes_count INTEGER
) STRICT;
CREATE INDEX idx_gpu_stats_recorded_at ON gpu_stats (recorded_at);

CREATE TABLE logs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    timestamp INTEGER NOT NULL,
    level TEXT NOT NULL,
    component TEXT NOT NULL,
    message TEXT NOT NULL,
    camera_id TEXT,
    event_id INTEGER,
    detection_id INTEGER,
    duration_ms INTEGER,
    request_id TEXT,
    extra TEXT,
    source TEXT NOT NULL DEFAULT 'backend' CHECK (source IN ('backend', 'frontend')),
    user_agent TEXT
) STRICT;
CREATE INDEX idx_logs_timestamp ON logs (timestamp);
CREATE INDEX idx_logs_level ON logs (level, timestamp);
CREATE INDEX idx_logs_component ON logs (component, timestamp);
CREATE INDEX idx_logs_camera ON logs (camera_id);
CREATE INDEX idx_logs_source ON logs (source);

-- What became of every file a camera dropped. No foreign key: a refused file may have no camera.
CREATE TABLE intake (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    camera_id TEXT,
    file_path TEXT NOT NULL,
    file_hash TEXT,
    size INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    finished_at INTEGER,
    outcome TEXT NOT NULL
        CHECK (outcome IN ('queued', 'detected', 'nothing', 'duplicate', 'refused', 'failed')),
    reason TEXT,
    detail TEXT
) STRICT;
CREATE INDEX idx_intake_file ON intake (file_path);
CREATE INDEX idx_intake_hash ON intake (file_hash, seen_at);
CREATE INDEX idx_intake_seen_at ON intake (seen_at);
CREATE INDEX idx_intake_outcome ON intake (outcome, seen_at);

-- Open batches only: closing one takes its rows away in the transaction that queues its judgement.
CREATE TABLE batches (
    id TEXT PRIMARY KEY NOT NULL,
    camera_id TEXT NOT NULL REFERENCES cameras (id) ON DELETE CASCADE,
    started_at INTEGER NOT NULL,
    last_activity INTEGER NOT NULL,
    pipeline_start TEXT,
    detection_count INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX idx_batches_camera_unique ON batches (camera_id);

CREATE TABLE batch_detections (
    batch_id TEXT NOT NULL REFERENCES batches (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    detection_id INTEGER NOT NULL REFERENCES detections (id) ON DELETE CASCADE,
    PRIMARY KEY (batch_id, position),
    UNIQUE (batch_id, detection_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX idx_batch_detections_detection ON batch_detections (detection_id);

-- Counts that fade: decayed_count is what it was worth at last_updated.
CREATE TABLE activity_baselines (
    camera_id TEXT NOT NULL REFERENCES cameras (id) ON DELETE CASCADE,
    hour INTEGER NOT NULL CHECK (hour BETWEEN 0 AND 23),
    day_of_week INTEGER NOT NULL CHECK (day_of_week BETWEEN 0 AND 6),
    decayed_count REAL NOT NULL,
    sample_count INTEGER NOT NULL,
    first_seen INTEGER NOT NULL,
    last_updated INTEGER NOT NULL,
    PRIMARY KEY (camera_id, hour, day_of_week)
) STRICT, WITHOUT ROWID;

CREATE TABLE class_baselines (
    camera_id TEXT NOT NULL REFERENCES cameras (id) ON DELETE CASCADE,
    detection_class TEXT NOT NULL,
    hour INTEGER NOT NULL CHECK (hour BETWEEN 0 AND 23),
    decayed_count REAL NOT NULL,
    sample_count INTEGER NOT NULL,
    first_seen INTEGER NOT NULL,
    last_updated INTEGER NOT NULL,
    PRIMARY KEY (camera_id, detection_class, hour)
) STRICT, WITHOUT ROWID;

-- The journal: what happened, one order per channel. Its messages lie beside an index and not in it
-- (WITHOUT ROWID): from about a kilobyte on each would take a page of its own there.
CREATE TABLE journal_channels (
    channel TEXT PRIMARY KEY NOT NULL,
    epoch TEXT NOT NULL,
    last_sequence INTEGER NOT NULL,
    boot_id TEXT NOT NULL,
    is_durable INTEGER NOT NULL CHECK (is_durable IN (0, 1)),
    clean_end INTEGER NOT NULL CHECK (clean_end IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE TABLE journal_messages (
    channel TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    requires_ack INTEGER NOT NULL CHECK (requires_ack IN (0, 1)),
    type TEXT NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (channel, sequence)
) STRICT;

-- Jobs that wait or are being worked on; a finished one leaves no row.
CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    queue TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    taken_at INTEGER,
    available_at INTEGER NOT NULL,
    first_failed_at INTEGER,
    last_failed_at INTEGER,
    error TEXT,
    retry_delays TEXT NOT NULL DEFAULT '[]'
) STRICT;
CREATE INDEX idx_jobs_queue ON jobs (queue, id);

CREATE TABLE dead_letters (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    queue_name TEXT NOT NULL,
    original_job TEXT NOT NULL,
    error TEXT NOT NULL,
    error_type TEXT,
    attempt_count INTEGER NOT NULL,
    first_failed_at INTEGER NOT NULL,
    last_failed_at INTEGER NOT NULL,
    retry_delays TEXT NOT NULL DEFAULT '[]',
    context TEXT
) STRICT;
CREATE INDEX idx_dead_letters_name ON dead_letters (name, id);

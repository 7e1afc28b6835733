/* Generated from docs/openapi.yaml by `npm run generate`. Do not edit. */

export interface paths {
    "/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The dashboard, or a line saying that the server is there when no dashboard is installed */
        get: operations["getRoot"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/assets/{path}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A file of the dashboard with a hash in its name; may be kept for a year */
        get: operations["getAsset"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This document as JSON */
        get: operations["getOpenapi"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Alive; checks nothing else */
        get: operations["getLiveness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Ready to work */
        get: operations["getReadiness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/system/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How everything is; 503 for degraded as well as unhealthy */
        get: operations["getSystemHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/system/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Alive; checks nothing else */
        get: operations["getSystemLiveness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/system/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Ready to work, with the services and workers it depends on */
        get: operations["getSystemReadiness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/system/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How much there is */
        get: operations["getSystemStats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/system/pipeline": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the stages are doing now */
        get: operations["getPipeline"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Prometheus text format 0.0.4 */
        get: operations["getMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/intake/refused": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Quarantine records; files that could not be used, newest first, and what became of all others */
        get: operations["listRefusedFiles"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/cameras": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All cameras, by name */
        get: operations["listCameras"];
        put?: never;
        /** Add a camera; its id is made from the last folder of folder_path */
        post: operations["createCamera"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/cameras/{camera_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                camera_id: components["parameters"]["CameraId"];
            };
            cookie?: never;
        };
        /** One camera */
        get: operations["getCamera"];
        put?: never;
        post?: never;
        /** Hide the camera; what it saw is kept until it is too old */
        delete: operations["deleteCamera"];
        options?: never;
        head?: never;
        /** Change the members that are given */
        patch: operations["updateCamera"];
        trace?: never;
    };
    "/api/cameras/{camera_id}/snapshot": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                camera_id: components["parameters"]["CameraId"];
            };
            cookie?: never;
        };
        /** The newest picture below the camera's folder */
        get: operations["getCameraSnapshot"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Events, newest first */
        get: operations["listEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/events/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Events by risk and by camera */
        get: operations["getEventStats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/events/{event_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                event_id: components["parameters"]["EventId"];
            };
            cookie?: never;
        };
        /** One event */
        get: operations["getEvent"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Review, annotate or snooze; only members that are given change */
        patch: operations["updateEvent"];
        trace?: never;
    };
    "/api/events/{event_id}/detections": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                event_id: components["parameters"]["EventId"];
            };
            cookie?: never;
        };
        /** What the event is made of, in the order it was seen */
        get: operations["listEventDetections"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/detections": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Detections, newest first */
        get: operations["listDetections"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/detections/{detection_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                detection_id: components["parameters"]["DetectionId"];
            };
            cookie?: never;
        };
        /** One detection */
        get: operations["getDetection"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/detections/{detection_id}/image": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                detection_id: components["parameters"]["DetectionId"];
            };
            cookie?: never;
        };
        /** The thumbnail with its box, or the original picture; may be kept for an hour */
        get: operations["getDetectionImage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/media/detections/{detection_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                detection_id: components["parameters"]["DetectionId"];
            };
            cookie?: never;
        };
        /** The older address of a detection's image */
        get: operations["getDetectionImageAlias"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/media/thumbnails/{filename}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A file of the thumbnails folder */
        get: operations["getThumbnail"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/realtime/publish": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Append messages to the events channel, all or none, durable when answered
         * @description Open to programs on this machine and to holders of an API key. One envelope or an array of 1 to 1,000; data takes at most 262,144 bytes per message. A browser page of another origin is refused.
         */
        post: operations["publishMessages"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ws/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The events channel as a WebSocket; frames are the schemas whose names begin with Realtime
         * @description A wrong or missing API key and an Origin that is not allowed are answered by accepting and closing with 1008.
         */
        get: operations["openEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description RFC 7807, with our own members beside it. */
        Problem: {
            /** @constant */
            type: "about:blank";
            title: string;
            status: number;
            detail: string;
            instance: string;
            /** @example EVENT_NOT_FOUND */
            error_code: string;
            details?: Record<string, never>;
            request_id: string;
        };
        FieldError: {
            /**
             * @description Begins with body. query. or path.
             * @example query.limit
             */
            field: string;
            message: string;
            /** @description At most 100 characters; null when absent. */
            value: string | null;
        };
        ValidationFailure: {
            error: {
                /** @constant */
                code: "VALIDATION_ERROR";
                message: string;
                errors: components["schemas"]["FieldError"][];
                request_id: string | null;
                /** Format: date-time */
                timestamp: string;
            };
        };
        AuthFailure: {
            detail: string;
        };
        PayloadTooLarge: {
            /** @constant */
            error_code: "PAYLOAD_TOO_LARGE";
            message: string;
        };
        UnsupportedMediaType: {
            detail: string;
            /** @constant */
            error: "unsupported_media_type";
        };
        MediaFailure: {
            detail: {
                error: string;
                path: string;
            };
        };
        Pagination: {
            /** @description Rows that match; 0 on pages fetched by cursor. */
            total: number;
            limit: number;
            /** @description null on pages fetched by cursor. */
            offset: number | null;
            cursor: string | null;
            /** @description null on the last page. */
            next_cursor: string | null;
            has_more: boolean;
        };
        /** @enum {string} */
        CameraStatus: "online" | "offline" | "error" | "unknown";
        Camera: {
            /** @example front_door */
            id: string;
            name: string;
            folder_path: string;
            status: components["schemas"]["CameraStatus"];
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            last_seen_at: string | null;
        };
        CameraList: {
            items: components["schemas"]["Camera"][];
            pagination: components["schemas"]["Pagination"];
        };
        CameraCreate: {
            name: string;
            /** @description Below the camera root; a relative one is taken from there. */
            folder_path: string;
            /** @default online */
            status: components["schemas"]["CameraStatus"];
        };
        CameraUpdate: {
            name?: string;
            folder_path?: string;
            status?: components["schemas"]["CameraStatus"];
        };
        /** @enum {string} */
        RiskLevel: "low" | "medium" | "high" | "critical";
        /** @description One reason of the score, and the points it gave or took. */
        RiskFactor: {
            name: string;
            points: number;
            detail?: string;
        };
        Event: {
            id: number;
            camera_id: string;
            /** @description null when the camera is gone. */
            camera_name: string | null;
            /** Format: date-time */
            started_at: string;
            /** Format: date-time */
            ended_at: string | null;
            /** @description null when not assessed. */
            risk_score: number | null;
            risk_level: components["schemas"]["RiskLevel"] | null;
            summary: string | null;
            reasoning: string | null;
            llm_prompt: string | null;
            reviewed: boolean;
            notes: string | null;
            /** Format: date-time */
            snooze_until: string | null;
            detection_count: number;
            detection_ids: number[];
            /** @example /api/detections/17/image */
            thumbnail_url: string | null;
            enrichment_status: Record<string, never> | null;
            /** Format: date-time */
            deleted_at: string | null;
            /** @description What the score is the sum of; empty when nothing says so. */
            factors: components["schemas"]["RiskFactor"][];
            /**
             * @description rules or the name of a model.
             * @example rules
             */
            assessed_by: string | null;
            object_types: string[];
            is_fast_path: boolean;
            /** @description Grows with every change. */
            version: number;
        };
        EventList: {
            items: components["schemas"]["Event"][];
            pagination: components["schemas"]["Pagination"];
            deprecation_warning: string | null;
        };
        EventUpdate: {
            /** @description null is ignored. */
            reviewed?: boolean | null;
            /** @description null clears. */
            notes?: string | null;
            /**
             * Format: date-time
             * @description null clears.
             */
            snooze_until?: string | null;
        };
        EventStats: {
            total_events: number;
            events_by_risk_level: {
                critical: number;
                high: number;
                medium: number;
                low: number;
            };
            /** @description From critical to low. */
            risk_distribution: {
                risk_level: components["schemas"]["RiskLevel"];
                count: number;
            }[];
            /** @description Most events first. */
            events_by_camera: {
                camera_id: string;
                camera_name: string;
                event_count: number;
            }[];
        };
        Detection: {
            id: number;
            camera_id: string;
            file_path: string;
            file_type: string | null;
            /** Format: date-time */
            detected_at: string;
            object_type: string | null;
            confidence: number | null;
            /** @description Pixels of the original picture from its top left corner. */
            bbox_x: number | null;
            bbox_y: number | null;
            bbox_width: number | null;
            bbox_height: number | null;
            thumbnail_path: string | null;
            /** @enum {string} */
            media_type: "image" | "video";
            /** @description Seconds; of videos. */
            duration: number | null;
            video_codec: string | null;
            /** @description Width of the picture or video the box lies in. */
            video_width: number | null;
            video_height: number | null;
            track_id: number | null;
            track_confidence: number | null;
            enrichment_data: Record<string, never> | null;
            /** Format: date-time */
            association_created_at?: string | null;
        };
        DetectionList: {
            items: components["schemas"]["Detection"][];
            pagination: components["schemas"]["Pagination"];
            deprecation_warning: string | null;
        };
        PublishMessage: {
            type: string;
            data: Record<string, never>;
        };
        PublishResult: {
            published: number;
            first_sequence: number;
            last_sequence: number;
            epoch: string;
        };
        /** @description What every journalled message looks like on /ws/events. */
        RealtimeMessage: {
            /** @example event */
            type: string;
            sequence: number;
            /** @description The same as sequence. */
            seq: number;
            epoch: string;
            /** @description <epoch>-<sequence> */
            id: string;
            /** Format: date-time */
            timestamp: string;
            requires_ack: boolean;
            /** @description true on replays only. */
            replay?: boolean;
            data: Record<string, never>;
        };
        /** @description The first frame. */
        RealtimeConnected: {
            /** @constant */
            type: "connected";
            message?: string;
            connection_id?: string;
            channel?: string;
            epoch?: string;
            last_sequence?: number;
            oldest_sequence?: number;
            ping_interval?: number;
            session?: string;
            /** @example vigil/0.1.0 */
            server?: string;
            version?: string;
        };
        RealtimePing: {
            /** @constant */
            type: "ping";
            lastSeq: number;
            epoch?: string;
            /** Format: date-time */
            timestamp?: string;
        };
        /** @description These messages cannot be delivered. */
        RealtimeGap: {
            /** @constant */
            type: "gap";
            /** @description null when the position asked for means nothing here. */
            from: number | null;
            to: number | null;
            /** @description The sequence that comes next. */
            next?: number;
            /** @enum {string} */
            reason: "trimmed" | "slow" | "epoch" | "future";
            channel?: string;
            epoch?: string;
        };
        /** @description data of type event. */
        RealtimeEventData: {
            id: number;
            event_id: number;
            batch_id: string;
            camera_id: string;
            camera_name?: string;
            risk_score: number | null;
            risk_level: components["schemas"]["RiskLevel"] | null;
            summary: string;
            reasoning?: string | null;
            /** Format: date-time */
            started_at: string | null;
            /** Format: date-time */
            ended_at?: string | null;
            /** Format: date-time */
            timestamp?: string;
            factors?: components["schemas"]["RiskFactor"][];
            assessed_by?: string | null;
            /**
             * @description Separated by commas.
             * @example motion,person
             */
            object_types?: string | null;
            is_fast_path?: boolean;
            detection_count?: number;
            detection_ids?: number[];
            /** @description Of the detection that shows it best. */
            thumbnail_url?: string | null;
        };
        /** @description data of type detection.new. */
        RealtimeDetectionNewData: {
            detection_id: number;
            batch_id?: string | null;
            camera_id: string;
            label: string;
            confidence: number;
            /** @description Fractions of the picture's width and height, 0 to 1. */
            bbox?: {
                x: number;
                y: number;
                width: number;
                height: number;
            } | null;
            /** Format: date-time */
            timestamp: string;
        };
        /** @description data of type detection.batch. */
        RealtimeDetectionBatchData: {
            batch_id: string;
            camera_id: string;
            detection_ids: number[];
            detection_count: number;
            /** Format: date-time */
            started_at: string;
            /** Format: date-time */
            closed_at: string;
            /** @enum {string} */
            close_reason?: "timeout" | "idle" | "max_size";
        };
        /** @description data of type camera_status. */
        RealtimeCameraStatusData: {
            /** @example camera.online */
            event_type: string;
            camera_id: string;
            camera_name: string;
            status: components["schemas"]["CameraStatus"];
            /** Format: date-time */
            timestamp: string;
            previous_status?: components["schemas"]["CameraStatus"] | null;
            /**
             * @description A stable word.
             * @example folder_missing
             */
            reason?: string | null;
            /** @description A sentence. */
            details?: string | null;
        };
        /** @description data of type scene_change. */
        RealtimeSceneChangeData: {
            id: number;
            camera_id: string;
            /** Format: date-time */
            detected_at: string;
            /** @enum {string} */
            change_type: "view_blocked" | "angle_changed" | "view_tampered" | "unknown";
            similarity_score: number;
        };
        /** @description data of type event.updated; somebody reviewed, annotated or snoozed the event. */
        RealtimeEventUpdatedData: {
            id: number;
            event_id: number;
            camera_id: string;
            reviewed: boolean;
            notes: string | null;
            /** Format: date-time */
            snooze_until: string | null;
            version: number;
            /** Format: date-time */
            timestamp: string;
        };
        RootStatus: {
            /** @constant */
            status: "ok";
            message: string;
        };
        Liveness: {
            /** @constant */
            status: "alive";
        };
        SystemLiveness: {
            /** @constant */
            status: "alive";
            /** Format: date-time */
            timestamp: string;
        };
        ServiceStatus: {
            /** @enum {string} */
            status: "healthy" | "degraded" | "unhealthy" | "not_initialized";
            message?: string | null;
            details?: Record<string, never> | null;
        };
        HealthEvent: {
            /** Format: date-time */
            timestamp: string;
            service: string;
            /** @enum {string} */
            event_type: "failure" | "recovery" | "restart";
            message?: string | null;
        };
        ProcessMemory: {
            rss_mb: number;
            vms_mb?: number;
            percent?: number;
            container_limit_mb?: number | null;
            container_usage_percent?: number | null;
            /** @enum {string} */
            status: "healthy" | "warning" | "critical";
        };
        SystemHealth: {
            /** @enum {string} */
            status: "healthy" | "degraded" | "unhealthy";
            /** @description database, redis and ai always; others as they exist. */
            services: {
                [key: string]: components["schemas"]["ServiceStatus"];
            };
            /** Format: date-time */
            timestamp: string;
            recent_events?: components["schemas"]["HealthEvent"][];
            memory?: components["schemas"]["ProcessMemory"] | null;
        };
        Readiness: {
            ready: boolean;
            /** @enum {string} */
            status: "ready" | "degraded" | "not_ready";
            services?: {
                [key: string]: components["schemas"]["ServiceStatus"];
            };
            workers?: {
                name: string;
                running: boolean;
                message?: string | null;
            }[];
            /** Format: date-time */
            timestamp?: string;
            supervisor_healthy?: boolean;
        };
        SystemStats: {
            total_cameras: number;
            total_events: number;
            total_detections: number;
            uptime_seconds: number;
        };
        /** @description What became of the files; they add up to the files seen. */
        OutcomeCounts: {
            /** @description Wait for detection. */
            queued: number;
            /** @description Became one or more detections. */
            detected: number;
            /** @description Examined, nothing seen. */
            nothing: number;
            /** @description The same bytes came a moment ago. */
            duplicate: number;
            /** @description Not a picture we can use. */
            refused: number;
            /** @description Could not be examined after all tries. */
            failed: number;
        };
        OpenBatch: {
            batch_id: string;
            camera_id: string;
            detection_count: number;
            /** @description Unix seconds. */
            started_at: number;
            age_seconds: number;
            /** @description Seconds since the newest detection. */
            last_activity_seconds: number;
        };
        PipelineStatus: {
            file_watcher: {
                running: boolean;
                camera_root: string;
                pending_tasks: number;
                /** @enum {string} */
                observer_type: "native" | "polling";
            } | null;
            batch_aggregator: {
                active_batches: number;
                batches: components["schemas"]["OpenBatch"][];
                batch_window_seconds: number;
                idle_timeout_seconds: number;
            } | null;
            degradation: Record<string, never> | null;
            workers: {
                name: string;
                running: boolean;
            }[];
            /** @description Since the start of this process. */
            totals: {
                files_seen: number;
                outcomes: components["schemas"]["OutcomeCounts"];
                detections: number;
                batches_closed: number;
                events: number;
            } | null;
            realtime: {
                epoch: string;
                last_sequence: number;
                oldest_sequence: number;
                connections: number;
            };
            /** @description What stands still now and why; null when all is well. */
            last_error: string | null;
            /** Format: date-time */
            timestamp: string;
        };
        RefusedFile: {
            id: number;
            /** @description Its name without folders. */
            file: string;
            camera_id: string | null;
            /** @enum {string} */
            outcome: "refused" | "failed";
            /**
             * @description A stable word.
             * @example truncated
             */
            reason: string | null;
            /** @description A sentence. */
            detail: string | null;
            /** @description Bytes. */
            size: number;
            /** Format: date-time */
            seen_at: string;
        };
        RefusedFileList: {
            items: components["schemas"]["RefusedFile"][];
            counts: components["schemas"]["OutcomeCounts"];
            pagination: components["schemas"]["Pagination"];
        };
    };
    responses: {
        /** @description The picture */
        Picture: {
            headers: {
                "Cache-Control"?: string;
                ETag?: string;
                [name: string]: unknown;
            };
            content: {
                "image/jpeg": string;
                "image/png": string;
                "image/gif": string;
            };
        };
        /** @description The part of the picture that the Range header asks for */
        PartialPicture: {
            headers: {
                "Content-Range"?: string;
                [name: string]: unknown;
            };
            content: {
                "image/jpeg": string;
                "image/png": string;
                "image/gif": string;
            };
        };
        /** @description Reversed dates, an unreadable cursor, an unknown member in fields */
        BadRequest: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The request's Origin is not allowed, or the caller may not do this */
        Forbidden: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description There is no such thing */
        NotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Another one has this name or folder */
        Conflict: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The server failed; the log says why */
        Failed: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Too busy (with Retry-After), or the database is away */
        Unavailable: {
            headers: {
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The request was understood and is wrong */
        Invalid: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ValidationFailure"];
            };
        };
        /** @description The API key is missing or wrong */
        KeyNeeded: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["AuthFailure"];
            };
        };
        /** @description The body is over the limit */
        TooLarge: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["PayloadTooLarge"];
            };
        };
        /** @description The body is not application/json */
        UnsupportedMediaType: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["UnsupportedMediaType"];
            };
        };
        /** @description The path leaves its folder, or the kind of file is not served */
        MediaRefused: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["MediaFailure"];
            };
        };
        /** @description There is no such file */
        MediaMissing: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["MediaFailure"];
            };
        };
    };
    parameters: {
        CameraId: string;
        EventId: number;
        DetectionId: number;
        /** @description A date, or a date and time; without a zone it is UTC. */
        StartDate: string;
        /** @description As start_date; a date alone means the end of that day. */
        EndDate: string;
        Limit: number;
        /**
         * @deprecated
         * @description Use cursor.
         */
        Offset: number;
        /** @description next_cursor of the page before; beats offset. */
        Cursor: string;
        /** @description The original picture instead of the thumbnail. */
        FullImage: boolean;
    };
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    getRoot: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The dashboard's page (no-cache), or the JSON form */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                    "application/json": components["schemas"]["RootStatus"];
                };
            };
        };
    };
    getAsset: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description May hold further slashes. */
                path: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description Not modified */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: components["responses"]["NotFound"];
        };
    };
    getOpenapi: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OpenAPI 3.1 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            404: components["responses"]["NotFound"];
        };
    };
    getLiveness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Always */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Liveness"];
                };
            };
        };
    };
    getReadiness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Ready */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Readiness"];
                };
            };
            /** @description Not ready */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Readiness"];
                };
            };
        };
    };
    getSystemHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Healthy */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SystemHealth"];
                };
            };
            /** @description Degraded or unhealthy */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SystemHealth"];
                };
            };
        };
    };
    getSystemLiveness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Always */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SystemLiveness"];
                };
            };
            401: components["responses"]["KeyNeeded"];
        };
    };
    getSystemReadiness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Ready */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Readiness"];
                };
            };
            /** @description Not ready */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Readiness"];
                };
            };
        };
    };
    getSystemStats: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Totals */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SystemStats"];
                };
            };
            401: components["responses"]["KeyNeeded"];
            503: components["responses"]["Unavailable"];
        };
    };
    getPipeline: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description State of the stages */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PipelineStatus"];
                };
            };
            401: components["responses"]["KeyNeeded"];
            503: components["responses"]["Unavailable"];
        };
    };
    getMetrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Metrics */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
        };
    };
    listRefusedFiles: {
        parameters: {
            query?: {
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The records, and the counts over all outcomes */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RefusedFileList"];
                };
            };
            401: components["responses"]["KeyNeeded"];
            422: components["responses"]["Invalid"];
            503: components["responses"]["Unavailable"];
        };
    };
    listCameras: {
        parameters: {
            query?: {
                status?: components["schemas"]["CameraStatus"];
                /** @description Comma-separated members to give; absent, all. */
                fields?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page with all of them */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CameraList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["KeyNeeded"];
            422: components["responses"]["Invalid"];
            503: components["responses"]["Unavailable"];
        };
    };
    createCamera: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CameraCreate"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Camera"];
                };
            };
            401: components["responses"]["KeyNeeded"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            503: components["responses"]["Unavailable"];
        };
    };
    getCamera: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                camera_id: components["parameters"]["CameraId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The camera */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Camera"];
                };
            };
            401: components["responses"]["KeyNeeded"];
            404: components["responses"]["NotFound"];
            503: components["responses"]["Unavailable"];
        };
    };
    deleteCamera: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                camera_id: components["parameters"]["CameraId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Gone */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["KeyNeeded"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            503: components["responses"]["Unavailable"];
        };
    };
    updateCamera: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                camera_id: components["parameters"]["CameraId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CameraUpdate"];
            };
        };
        responses: {
            /** @description The camera as it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Camera"];
                };
            };
            401: components["responses"]["KeyNeeded"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            503: components["responses"]["Unavailable"];
        };
    };
    getCameraSnapshot: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                camera_id: components["parameters"]["CameraId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Picture"];
            206: components["responses"]["PartialPicture"];
            /** @description Not modified */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            403: components["responses"]["MediaRefused"];
            404: components["responses"]["NotFound"];
            /** @description The range lies outside the file */
            416: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            503: components["responses"]["Unavailable"];
        };
    };
    listEvents: {
        parameters: {
            query?: {
                camera_id?: string;
                /** @description Compared as it is; an unknown level matches nothing. */
                risk_level?: string;
                /** @description A date, or a date and time; without a zone it is UTC. */
                start_date?: components["parameters"]["StartDate"];
                /** @description As start_date; a date alone means the end of that day. */
                end_date?: components["parameters"]["EndDate"];
                reviewed?: boolean;
                /** @description Matches one whole item of the event's object types. */
                object_type?: string;
                limit?: components["parameters"]["Limit"];
                /**
                 * @deprecated
                 * @description Use cursor.
                 */
                offset?: components["parameters"]["Offset"];
                /** @description next_cursor of the page before; beats offset. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Comma-separated members to give; absent, all. */
                fields?: string;
                include_deleted?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page */
            200: {
                headers: {
                    /** @description Present when offset was used. */
                    Deprecation?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["KeyNeeded"];
            422: components["responses"]["Invalid"];
            503: components["responses"]["Unavailable"];
        };
    };
    getEventStats: {
        parameters: {
            query?: {
                camera_id?: string;
                /** @description A date, or a date and time; without a zone it is UTC. */
                start_date?: components["parameters"]["StartDate"];
                /** @description As start_date; a date alone means the end of that day. */
                end_date?: components["parameters"]["EndDate"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Counts */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventStats"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["KeyNeeded"];
            422: components["responses"]["Invalid"];
            503: components["responses"]["Unavailable"];
        };
    };
    getEvent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                event_id: components["parameters"]["EventId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The event */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Event"];
                };
            };
            401: components["responses"]["KeyNeeded"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            503: components["responses"]["Unavailable"];
        };
    };
    updateEvent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                event_id: components["parameters"]["EventId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EventUpdate"];
            };
        };
        responses: {
            /** @description The event as it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Event"];
                };
            };
            401: components["responses"]["KeyNeeded"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            503: components["responses"]["Unavailable"];
        };
    };
    listEventDetections: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path: {
                event_id: components["parameters"]["EventId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DetectionList"];
                };
            };
            401: components["responses"]["KeyNeeded"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            503: components["responses"]["Unavailable"];
        };
    };
    listDetections: {
        parameters: {
            query?: {
                camera_id?: string;
                object_type?: string;
                /** @description A date, or a date and time; without a zone it is UTC. */
                start_date?: components["parameters"]["StartDate"];
                /** @description As start_date; a date alone means the end of that day. */
                end_date?: components["parameters"]["EndDate"];
                min_confidence?: number;
                limit?: components["parameters"]["Limit"];
                /**
                 * @deprecated
                 * @description Use cursor.
                 */
                offset?: components["parameters"]["Offset"];
                /** @description next_cursor of the page before; beats offset. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Comma-separated members to give; absent, all. */
                fields?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page */
            200: {
                headers: {
                    /** @description Present when offset was used. */
                    Deprecation?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DetectionList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["KeyNeeded"];
            422: components["responses"]["Invalid"];
            503: components["responses"]["Unavailable"];
        };
    };
    getDetection: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                detection_id: components["parameters"]["DetectionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The detection */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Detection"];
                };
            };
            401: components["responses"]["KeyNeeded"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            503: components["responses"]["Unavailable"];
        };
    };
    getDetectionImage: {
        parameters: {
            query?: {
                /** @description The original picture instead of the thumbnail. */
                full?: components["parameters"]["FullImage"];
            };
            header?: never;
            path: {
                detection_id: components["parameters"]["DetectionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Picture"];
            206: components["responses"]["PartialPicture"];
            /** @description Not modified */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            403: components["responses"]["MediaRefused"];
            404: components["responses"]["NotFound"];
            /** @description The range lies outside the file */
            416: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            422: components["responses"]["Invalid"];
            500: components["responses"]["Failed"];
            503: components["responses"]["Unavailable"];
        };
    };
    getDetectionImageAlias: {
        parameters: {
            query?: {
                /** @description The original picture instead of the thumbnail. */
                full?: components["parameters"]["FullImage"];
            };
            header?: never;
            path: {
                detection_id: components["parameters"]["DetectionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Picture"];
            206: components["responses"]["PartialPicture"];
            /** @description Not modified */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            403: components["responses"]["MediaRefused"];
            404: components["responses"]["NotFound"];
            /** @description The range lies outside the file */
            416: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            422: components["responses"]["Invalid"];
            500: components["responses"]["Failed"];
            503: components["responses"]["Unavailable"];
        };
    };
    getThumbnail: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                filename: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Picture"];
            206: components["responses"]["PartialPicture"];
            /** @description Not modified */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            403: components["responses"]["MediaRefused"];
            404: components["responses"]["MediaMissing"];
            /** @description The range lies outside the file */
            416: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            503: components["responses"]["Unavailable"];
        };
    };
    publishMessages: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PublishMessage"] | components["schemas"]["PublishMessage"][];
            };
        };
        responses: {
            /** @description Published */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PublishResult"];
                };
            };
            401: components["responses"]["KeyNeeded"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            503: components["responses"]["Unavailable"];
        };
    };
    openEvents: {
        parameters: {
            query?: {
                /** @description `<epoch>~<sequence>` of the last message that was received; what followed is sent first. */
                resume?: string;
                api_key?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Switching protocols */
            101: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Not a good WebSocket handshake */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Not a WebSocket handshake */
            426: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
}

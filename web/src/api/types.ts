import type { components } from './schema'

type Schemas = components['schemas']

export type SecurityEvent = Schemas['Event']
export type EventList = Schemas['EventList']
export type EventUpdate = Schemas['EventUpdate']
export type Factor = Schemas['RiskFactor']
export type RiskLevel = Schemas['RiskLevel']
export type Camera = Schemas['Camera']
export type CameraList = Schemas['CameraList']
export type CameraStatus = Schemas['CameraStatus']
export type Detection = Schemas['Detection']
export type DetectionList = Schemas['DetectionList']
export type PipelineStatus = Schemas['PipelineStatus']

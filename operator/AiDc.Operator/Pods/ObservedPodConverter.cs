using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using AiDc.Api;
using AiDc.ControllerRuntime.Json;
using k8s.Models;

namespace AiDc.Operator.Pods;

/// <summary>
/// Reads an <see cref="ObservedPod"/> out of a whole pod in one pass; what is not needed is skipped without being decoded.
/// Unknown phases and malformed labels are values, not errors: one odd pod must not stop the watch.
/// </summary>
internal sealed class ObservedPodConverter : JsonConverter<ObservedPod>
{
    /// <summary>Longer messages are cut; the API server itself limits termination messages to 4096 bytes.</summary>
    private const int MaxMessage = 4096;
    private const int LongestShared = 128;

    public override ObservedPod Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var fields = new PodFields();
        while (NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("metadata"u8)) ReadMetadata(ref reader, fields);
            else if (reader.ValueTextEquals("spec"u8)) ReadSpec(ref reader, fields);
            else if (reader.ValueTextEquals("status"u8)) ReadStatus(ref reader, fields);
            else SkipValue(ref reader);
        }
        return fields.ToPod();
    }

    public override void Write(Utf8JsonWriter writer, ObservedPod value, JsonSerializerOptions options) =>
        throw new NotSupportedException("An observed pod is a part of a pod and cannot be written back.");

    private static void ReadMetadata(ref Utf8JsonReader reader, PodFields fields)
    {
        if (!EnterObject(ref reader)) return;
        var meta = fields.Metadata;
        while (NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("name"u8)) meta.Name = Text(ref reader);
            else if (reader.ValueTextEquals("namespace"u8)) meta.NamespaceProperty = Shared(ref reader);
            else if (reader.ValueTextEquals("uid"u8)) meta.Uid = Text(ref reader);
            else if (reader.ValueTextEquals("resourceVersion"u8)) meta.ResourceVersion = Text(ref reader);
            else if (reader.ValueTextEquals("creationTimestamp"u8)) meta.CreationTimestamp = Time(ref reader)?.UtcDateTime;
            else if (reader.ValueTextEquals("deletionTimestamp"u8)) meta.DeletionTimestamp = Time(ref reader)?.UtcDateTime;
            else if (reader.ValueTextEquals("labels"u8)) ReadMap(ref reader, fields);
            else if (reader.ValueTextEquals("annotations"u8)) ReadMap(ref reader, fields);
            else if (reader.ValueTextEquals("ownerReferences"u8)) ReadOwners(ref reader, meta);
            else SkipValue(ref reader);
        }
    }

    private static void ReadMap(ref Utf8JsonReader reader, PodFields fields)
    {
        if (!EnterObject(ref reader)) return;
        while (NextProperty(ref reader))
        {
            if (reader.ValueTextEquals(Labels.WorkerIndex)) fields.Index = Integer(Text(ref reader)) ?? -1;
            else if (reader.ValueTextEquals(Labels.Attempt)) fields.Attempt = Integer(Text(ref reader)) ?? 0;
            else if (reader.ValueTextEquals(Labels.Incarnation)) fields.Incarnation = Integer(Text(ref reader)) ?? 0;
            else if (reader.ValueTextEquals(Annotations.AvoidedNodes)) fields.AvoidedNodes = Shared(ref reader);
            else if (reader.ValueTextEquals(Annotations.SpecHash)) fields.SpecHash = Shared(ref reader);
            else if (reader.ValueTextEquals(Annotations.JobGeneration)) fields.JobGeneration = Integer(Text(ref reader));
            else SkipValue(ref reader);
        }
    }

    private static void ReadOwners(ref Utf8JsonReader reader, V1ObjectMeta meta)
    {
        if (!EnterArray(ref reader)) return;
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            var owner = new V1OwnerReference();
            while (NextProperty(ref reader))
            {
                if (reader.ValueTextEquals("uid"u8)) owner.Uid = Shared(ref reader);
                else if (reader.ValueTextEquals("name"u8)) owner.Name = Shared(ref reader);
                else if (reader.ValueTextEquals("kind"u8)) owner.Kind = Shared(ref reader);
                else if (reader.ValueTextEquals("apiVersion"u8)) owner.ApiVersion = Shared(ref reader);
                else if (reader.ValueTextEquals("controller"u8)) owner.Controller = Flag(ref reader);
                else SkipValue(ref reader);
            }
            // Only the controller counts; there is one at most.
            if (owner.Controller == true) meta.OwnerReferences = [owner];
        }
    }

    private static void ReadSpec(ref Utf8JsonReader reader, PodFields fields)
    {
        if (!EnterObject(ref reader)) return;
        while (NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("nodeName"u8)) fields.NodeName = Shared(ref reader);
            else if (reader.ValueTextEquals("containers"u8)) ReadDevices(ref reader, fields.Devices, isInit: false);
            else if (reader.ValueTextEquals("initContainers"u8)) ReadDevices(ref reader, fields.InitDevices, isInit: true);
            else SkipValue(ref reader);
        }
    }

    /// <summary>What containers ask for together; of init containers, which run one after the other, the most that one asks for.</summary>
    private static void ReadDevices(ref Utf8JsonReader reader, Dictionary<string, int> into, bool isInit)
    {
        if (!EnterArray(ref reader)) return;
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            while (NextProperty(ref reader))
            {
                if (!reader.ValueTextEquals("resources"u8)) SkipValue(ref reader);
                else if (EnterObject(ref reader)) ReadLimits(ref reader, into, isInit);
            }
        }
    }

    /// <summary>Of an extended resource the limit is what is asked for, and its name has a slash.</summary>
    private static void ReadLimits(ref Utf8JsonReader reader, Dictionary<string, int> into, bool isInit)
    {
        while (NextProperty(ref reader))
        {
            if (!reader.ValueTextEquals("limits"u8))
            {
                SkipValue(ref reader);
                continue;
            }
            if (!EnterObject(ref reader)) continue;
            while (NextProperty(ref reader))
            {
                var name = InterningStringConverter.Intern(reader.GetString());
                var count = Integer(Text(ref reader)) ?? 0;
                if (count == 0 || !name.Contains('/', StringComparison.Ordinal)) continue;
                var known = into.GetValueOrDefault(name);
                into[name] = isInit ? Math.Max(known, count) : known + count;
            }
        }
    }

    private static void ReadStatus(ref Utf8JsonReader reader, PodFields fields)
    {
        if (!EnterObject(ref reader)) return;
        while (NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("phase"u8)) fields.Phase = Phase(Shared(ref reader));
            else if (reader.ValueTextEquals("reason"u8)) fields.Reason = Shared(ref reader);
            else if (reader.ValueTextEquals("message"u8)) fields.Message = Text(ref reader);
            else if (reader.ValueTextEquals("conditions"u8)) ReadConditions(ref reader, fields);
            else if (reader.ValueTextEquals("containerStatuses"u8)) ReadContainers(ref reader, fields.Containers, isInit: false);
            else if (reader.ValueTextEquals("initContainerStatuses"u8)) ReadContainers(ref reader, fields.InitContainers, isInit: true);
            else SkipValue(ref reader);
        }
    }

    private static void ReadConditions(ref Utf8JsonReader reader, PodFields fields)
    {
        if (!EnterArray(ref reader)) return;
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            string? type = null, status = null, reason = null, message = null;
            while (NextProperty(ref reader))
            {
                if (reader.ValueTextEquals("type"u8)) type = Shared(ref reader);
                else if (reader.ValueTextEquals("status"u8)) status = Shared(ref reader);
                else if (reader.ValueTextEquals("reason"u8)) reason = Shared(ref reader);
                else if (reader.ValueTextEquals("message"u8)) message = Text(ref reader);
                else SkipValue(ref reader);
            }
            if (type == "PodScheduled" && status == "False") fields.Unschedulable = new(reason, message);
            else if (type == "DisruptionTarget" && status == "True") fields.Disruption = new(reason, message);
        }
    }

    private static void ReadContainers(ref Utf8JsonReader reader, List<ObservedContainer> into, bool isInit)
    {
        if (!EnterArray(ref reader)) return;
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            string? name = null;
            var state = new ObservedContainer("", isInit, ContainerPhase.Waiting);
            while (NextProperty(ref reader))
            {
                if (reader.ValueTextEquals("name"u8)) name = Shared(ref reader);
                else if (reader.ValueTextEquals("state"u8)) state = ReadState(ref reader, state);
                else SkipValue(ref reader);
            }
            into.Add(state with { Name = name ?? "" });
        }
    }

    private static ObservedContainer ReadState(ref Utf8JsonReader reader, ObservedContainer state)
    {
        if (!EnterObject(ref reader)) return state;
        while (NextProperty(ref reader))
        {
            ContainerPhase? phase = reader.ValueTextEquals("running"u8) ? ContainerPhase.Running
                : reader.ValueTextEquals("terminated"u8) ? ContainerPhase.Terminated
                : reader.ValueTextEquals("waiting"u8) ? ContainerPhase.Waiting
                : null;
            if (phase is null || !EnterObject(ref reader)) { if (phase is null) SkipValue(ref reader); continue; }
            state = ReadDetails(ref reader, state with { Phase = phase.Value });
        }
        return state;
    }

    private static ObservedContainer ReadDetails(ref Utf8JsonReader reader, ObservedContainer state)
    {
        while (NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("reason"u8)) state = state with { Reason = Shared(ref reader) };
            else if (reader.ValueTextEquals("message"u8)) state = state with { Message = Text(ref reader) };
            else if (reader.ValueTextEquals("exitCode"u8)) state = state with { ExitCode = Number(ref reader) };
            else if (reader.ValueTextEquals("finishedAt"u8)) state = state with { FinishedAt = Time(ref reader) };
            else SkipValue(ref reader);
        }
        return state;
    }

    private static PodPhase Phase(string? text) => text switch
    {
        "Pending" or null => PodPhase.Pending,
        "Running" => PodPhase.Running,
        "Succeeded" => PodPhase.Succeeded,
        "Failed" => PodPhase.Failed,
        _ => PodPhase.Unknown,
    };

    private static bool NextProperty(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.PropertyName;

    /// <summary>Moves into an object value; false for anything else (null), which is skipped.</summary>
    private static bool EnterObject(ref Utf8JsonReader reader) => Enter(ref reader, JsonTokenType.StartObject);

    private static bool EnterArray(ref Utf8JsonReader reader) => Enter(ref reader, JsonTokenType.StartArray);

    private static bool Enter(ref Utf8JsonReader reader, JsonTokenType start)
    {
        reader.Read();
        if (reader.TokenType == start) return true;
        Pass(ref reader);
        return false;
    }

    /// <summary>
    /// <c>Skip</c> refuses to work on a part of a document, which is what a long list comes in; of a value that has a converter the
    /// serializer always has the whole.
    /// </summary>
    private static void Pass(ref Utf8JsonReader reader)
    {
        if (!reader.TrySkip()) throw new JsonException("The pod ends in the middle.");
    }

    private static void SkipValue(ref Utf8JsonReader reader)
    {
        reader.Read();
        Pass(ref reader);
    }

    private static string? Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.String)
        {
            Pass(ref reader);
            return null;
        }
        var text = reader.GetString();
        return text is { Length: > MaxMessage } ? text[^MaxMessage..] : text;
    }

    /// <summary>Text that many pods have in common: one copy in memory for all of them.</summary>
    private static string? Shared(ref Utf8JsonReader reader) =>
        Text(ref reader) is not { } text ? null : text.Length <= LongestShared ? InterningStringConverter.Intern(text) : text;

    private static int? Number(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var number)) return number;
        Pass(ref reader);
        return null;
    }

    private static bool? Flag(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType is JsonTokenType.True or JsonTokenType.False) return reader.GetBoolean();
        Pass(ref reader);
        return null;
    }

    private static DateTimeOffset? Time(ref Utf8JsonReader reader) =>
        Text(ref reader) is { } text
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    private static int? Integer(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private sealed class PodFields
    {
        public V1ObjectMeta Metadata { get; } = new();
        public int Index { get; set; } = -1;
        public int Attempt { get; set; }
        public int Incarnation { get; set; }
        public string? AvoidedNodes { get; set; }
        public string? SpecHash { get; set; }
        public long? JobGeneration { get; set; }
        public string? NodeName { get; set; }
        public PodPhase Phase { get; set; }
        public string? Reason { get; set; }
        public string? Message { get; set; }
        public PodNotice? Unschedulable { get; set; }
        public PodNotice? Disruption { get; set; }
        public List<ObservedContainer> InitContainers { get; } = new(0);
        public List<ObservedContainer> Containers { get; } = new(1);

        public Dictionary<string, int> Devices { get; } = new(0);

        public Dictionary<string, int> InitDevices { get; } = new(0);

        public ObservedPod ToPod() => new()
        {
            Metadata = Metadata,
            Index = Index,
            Attempt = Attempt,
            Incarnation = Incarnation,
            AvoidedNodes = AvoidedNodes,
            SpecHash = SpecHash,
            JobGeneration = JobGeneration,
            NodeName = NodeName,
            Phase = Phase,
            Reason = Reason,
            Message = Message,
            Unschedulable = Unschedulable,
            Disruption = Disruption,
            Devices = Devices.Count + InitDevices.Count == 0 ? []
                : [.. Devices.Keys.Union(InitDevices.Keys)
                    .Select(name => new PodDevice(name, Math.Max(Devices.GetValueOrDefault(name), InitDevices.GetValueOrDefault(name))))],
            Containers = InitContainers.Count + Containers.Count == 0 ? [] : [.. InitContainers, .. Containers],
        };
    }
}

using System.Text.Json;
using AiDc.Trainer.Serving.Admission;
using AiDc.Trainer.Serving.Errors;
using AiDc.Trainer.Serving.Models;

namespace AiDc.Trainer.Serving.Rest;

/// <summary>
/// The JSON of KServe's V1 protocol, which is TensorFlow Serving's row format: {"instances": [...]}. An instance is the value of the only
/// input, or an object of the inputs by name, or {"b64": "..."} with an image. Data types are the model's; so is the shape, where the
/// numbers come flat.
/// </summary>
internal static class V1RequestReader
{
    /// <exception cref="ServingException">It is no such request; the message says where and why.</exception>
    /// <param name="memory">For what the tensors take beyond the body.</param>
    public static IReadOnlyList<TensorValue> Read(ReadOnlyMemory<byte> body, IServedModel model, MemoryReservation memory)
    {
        var json = JsonFaults.WithoutMark(body.Span);
        var reader = new Utf8JsonReader(json);
        try
        {
            reader.Read();
            var inputs = ReadRequest(ref reader, json, model, memory);
            if (reader.Read()) throw ServingException.Invalid("there is more after the request's object");
            return inputs ?? throw ServingException.Invalid("'instances' is missing: an array of inputs");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw JsonFaults.Of(error, json);
        }
    }

    private static IReadOnlyList<TensorValue>? ReadRequest(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, IServedModel model, MemoryReservation memory)
    {
        JsonFaults.Expect(ref reader, JsonTokenType.StartObject, "the request", "an object with 'instances'");
        IReadOnlyList<TensorValue>? inputs = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            // KServe takes the other name too.
            var instances = reader.ValueTextEquals("instances"u8) || reader.ValueTextEquals("inputs"u8);
            reader.Read();
            if (instances && reader.TokenType != JsonTokenType.Null) inputs = ReadInstances(ref reader, json, model, memory);
            else reader.Skip();
        }

        return inputs;
    }

    private static TensorValue[] ReadInstances(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, IServedModel model, MemoryReservation memory)
    {
        JsonFaults.Expect(ref reader, JsonTokenType.StartArray, "'instances'", "an array");
        var declared = model.Metadata.Inputs;
        if (declared.Count == 0) throw ServingException.Invalid("the model does not say what its inputs are: use the protocol v2, or declare them with --input");
        var columns = declared.Select(d => new V1Column(d, model.Images?.Input == d.Name ? model.Images : null, memory)).ToArray();
        var rows = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (columns is [var only] && !IsRow(reader, only.Name)) only.Append(ref reader, json);
            else ReadRow(ref reader, json, columns, rows);
            rows++;
            foreach (var column in columns)
            {
                if (column.Rows != rows) throw ServingException.Invalid($"instances[{rows - 1}]: input '{column.Name}' is missing");
            }
        }

        if (rows == 0) throw ServingException.Invalid("'instances' is empty");
        return [.. columns.Select(c => c.Tensor())];
    }

    /// <summary>Whether an instance is an object of inputs; an image is an object too.</summary>
    private static bool IsRow(Utf8JsonReader reader, string name)
    {
        if (reader.TokenType != JsonTokenType.StartObject) return false;
        reader.Read();
        return reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals(name);
    }

    private static void ReadRow(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, V1Column[] columns, int row)
    {
        JsonFaults.Expect(ref reader, JsonTokenType.StartObject, $"instances[{row}]", $"an object of the inputs {string.Join(", ", columns.Select(c => $"'{c.Name}'"))}");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            var column = columns.FirstOrDefault(c => c.Name == name)
                ?? throw ServingException.Invalid($"instances[{row}]: the model has no input '{name}'; it has {string.Join(", ", columns.Select(c => $"'{c.Name}'"))}");
            if (column.Rows != row) throw ServingException.Invalid($"instances[{row}]: input '{name}' is there twice");
            reader.Read();
            column.Append(ref reader, json);
        }
    }
}

/// <summary>One input of all instances.</summary>
/// <param name="images">Not null: the input may be an image as base64.</param>
/// <param name="memory">What it takes is taken of this first.</param>
internal sealed class V1Column(TensorMetadata input, InputPreprocessing? images, MemoryReservation memory)
{
    private readonly TensorSink _sink = new(input.Name, input.Datatype, 0, memory);
    private readonly List<TensorValue> _pictures = [];
    private long[]? _shape;

    public string Name => input.Name;

    public int Rows { get; private set; }

    /// <summary>Reads one instance.</summary>
    /// <exception cref="ServingException">It is no value of this input, or of other dimensions than the one before.</exception>
    public void Append(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        if (reader.TokenType == JsonTokenType.StartObject) AppendPicture(ref reader);
        else
        {
            var shape = _sink.Read(ref reader, json, int.MaxValue);
            _shape ??= shape;
            if (!shape.AsSpan().SequenceEqual(_shape))
                throw ServingException.Invalid($"instances[{Rows}]: input '{Name}' has the shape [{string.Join(", ", shape)}], but [{string.Join(", ", _shape)}] in the instance before: all must be alike");
        }

        Rows++;
    }

    public TensorValue Tensor()
    {
        if (_pictures.Count > 0)
            return _sink.Values == 0 ? Batching.TensorRows.Join(_pictures) : throw ServingException.Invalid($"input '{Name}': images and numbers do not go into one request");
        var shape = _shape!;
        // As the model has it, where the numbers came flat or nested in another way.
        if (Declared() is { } declared && declared.Aggregate(1L, (a, b) => a * b) == shape.Aggregate(1L, (a, b) => a * b)) shape = declared;
        return new(input.Name, input.Datatype, [Rows, .. shape], _sink.Data);
    }

    /// <summary>The dimensions of one sample, if the model leaves none open.</summary>
    private long[]? Declared() => input.Shape.Count > 0 && input.Shape.Skip(1).All(s => s > 0) ? [.. input.Shape.Skip(1)] : null;

    private void AppendPicture(ref Utf8JsonReader reader)
    {
        if (images is null) throw ServingException.Invalid($"instances[{Rows}]: input '{Name}' is an object, and must be a number or an array");
        reader.Read();
        if (reader.TokenType != JsonTokenType.PropertyName || !reader.ValueTextEquals("b64"u8)) throw NoPicture();
        reader.Read();
        if (reader.TokenType != JsonTokenType.String || !reader.TryGetBytesFromBase64(out var content)) throw NoPicture();
        reader.Read();
        if (reader.TokenType != JsonTokenType.EndObject) throw NoPicture();
        var picture = images.Decode(content);
        // Once more when they are joined.
        memory.Take(2L * picture.Data.Length);
        _pictures.Add(picture);
    }

    private ServingException NoPicture() => ServingException.Invalid($"instances[{Rows}]: input '{Name}' must be an array, or an image as {{\"b64\": \"...\"}} in base64");
}

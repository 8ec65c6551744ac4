using System.Text.Json;
using AiDc.Trainer.Serving.Models;

namespace AiDc.Trainer.Serving.Rest;

/// <summary>One input of all instances.</summary>
/// <param name="images">Not null: the input may be an image as base64.</param>
internal sealed class V1Column(TensorMetadata input, InputPreprocessing? images)
{
    private readonly TensorSink _sink = new(input.Name, input.Datatype, 0);
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
        _pictures.Add(images.Decode(content));
    }

    private ServingException NoPicture() => ServingException.Invalid($"instances[{Rows}]: input '{Name}' must be an array, or an image as {{\"b64\": \"...\"}} in base64");
}

using System.Globalization;
using AiDc.Trainer.Serving.Admission;
using AiDc.Trainer.Serving.Errors;
using AiDc.Trainer.Serving.Hosting;
using AiDc.Trainer.Serving.Models;
using AiDc.Trainer.Serving.Options;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Primitives;

namespace AiDc.Trainer.Serving.Rest;

/// <summary>Inference over HTTP: the Open Inference Protocol v2, KServe's V1, and images as they are to either.</summary>
internal sealed class InferenceEndpoints(ModelHost host, ServeOptions options)
{
    /// <summary>Of the binary tensor data extension: bytes of JSON before the tensors.</summary>
    private const string JsonLengthHeader = "Inference-Header-Content-Length";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v2/models/{name}/infer", InferV2Async).WithMetadata(new InferenceRoute(WireProtocol.V2));
        routes.MapPost("/v2/models/{name}/versions/{version}/infer", InferV2Async).WithMetadata(new InferenceRoute(WireProtocol.V2));
        routes.MapPost("/v1/models/{name}:predict", PredictV1Async).WithMetadata(new InferenceRoute(WireProtocol.V1));
    }

    private async Task InferV2Async(HttpContext context)
    {
        var scope = RequestScope.Of(context);
        var model = ModelOf(context);
        var image = IsImage(context.Request);
        var jsonLength = image ? null : JsonLength(context.Request);
        using var body = await RequestBody.ReadAsync(context, options.MaxBodyBytes, shared: jsonLength is not null, scope.Memory, scope.Token);
        Keep(scope, body);
        await scope.EnterAsync();
        V2Request? request = null;
        var outcome = await model.InferAsync(scope, () =>
        {
            request = image ? new(null, [Decode(scope, model, body)], null, BinaryOutput: false) : V2RequestReader.Read(body.Data, jsonLength, scope.Memory);
            scope.Id = request.Id;
            if (request.Outputs is { } wanted) OutputSelection.Check(model.Metadata, wanted.Select(o => o.Name));
            return request.Inputs;
        });
        var outputs = OutputSelection.Select(outcome.Outputs, request!.Outputs?.Select(o => o.Name).ToArray());
        await WriteV2Async(context, scope, model, request, outputs);
    }

    private static async Task WriteV2Async(
        HttpContext context, RequestScope scope, LoadedModel model, V2Request request, IReadOnlyList<TensorValue> outputs)
    {
        using var json = new AnswerBuffer(scope.Memory);
        var binary = outputs.Where(o => IsBinary(request, o.Name)).ToArray();
        try
        {
            V2ResponseWriter.Write(json, model.Metadata, request.Id, outputs, o => binary.Contains(o));
        }
        catch (NotFiniteException error)
        {
            throw Faulty(scope, error);
        }

        if (scope.WantsPayloads) scope.ResponsePayload = json.ToArray();
        scope.BeginAnswer();
        if (binary.Length == 0)
        {
            await JsonReply.WriteAsync(context, json, scope.Token);
            return;
        }

        var response = context.Response;
        response.ContentType = "application/octet-stream";
        response.Headers[JsonLengthHeader] = json.Length.ToString(CultureInfo.InvariantCulture);
        response.ContentLength = json.Length + binary.Sum(o => (long)o.Data.Length);
        await json.SendAsync(response, scope.Token);
        foreach (var output in binary) await response.Body.WriteAsync(output.Data, scope.Token);
    }

    private async Task PredictV1Async(HttpContext context)
    {
        var scope = RequestScope.Of(context);
        var model = ModelOf(context);
        var image = IsImage(context.Request);
        using var body = await RequestBody.ReadAsync(context, options.MaxBodyBytes, shared: false, scope.Memory, scope.Token);
        Keep(scope, body);
        await scope.EnterAsync();
        var outcome = await model.InferAsync(scope, () => image ? [Decode(scope, model, body)] : V1RequestReader.Read(body.Data, model.Model, scope.Memory));
        using var json = new AnswerBuffer(scope.Memory);
        try
        {
            V1ResponseWriter.Write(json, outcome.Outputs);
        }
        catch (NotFiniteException error)
        {
            throw Faulty(scope, error);
        }

        if (scope.WantsPayloads) scope.ResponsePayload = json.ToArray();
        scope.BeginAnswer();
        await JsonReply.WriteAsync(context, json, scope.Token);
    }

    private LoadedModel ModelOf(HttpContext context)
    {
        var encoding = context.Request.Headers.ContentEncoding;
        if (!IsIdentity(encoding))
            throw new ServingException(ServingError.UnsupportedMediaType, $"Content-Encoding {encoding}: this server takes bodies as they are");
        return host.Get((string)context.GetRouteValue("name")!, context.GetRouteValue("version") as string);
    }

    /// <summary>RFC 9110, 8.4: codings in any case, none of them for a body as it is. Clients send "identity" nevertheless, and empty values.</summary>
    private static bool IsIdentity(StringValues encodings)
    {
        foreach (var encoding in encodings)
        {
            foreach (var coding in (encoding ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                if (!coding.Equals("identity", StringComparison.OrdinalIgnoreCase)) return false;
            }
        }

        return true;
    }

    private static bool IsImage(HttpRequest request) => request.ContentType?.StartsWith("image/", StringComparison.OrdinalIgnoreCase) == true;

    private static TensorValue Decode(RequestScope scope, LoadedModel model, RequestBody body)
    {
        if (model.Model.Images is not { } images)
            throw new ServingException(ServingError.UnsupportedMediaType, "the model takes no images: send its inputs as JSON; GET the model's metadata to see them");
        if (body.Data.IsEmpty) throw ServingException.Invalid("the body is empty: send a PNG or JPEG file");
        var image = images.Decode(body.Data);
        scope.Memory.Take(image.Data.Length);
        return image;
    }

    private static int? JsonLength(HttpRequest request)
    {
        if (!request.Headers.TryGetValue(JsonLengthHeader, out var text)) return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            ? length
            : throw ServingException.Invalid($"{JsonLengthHeader}: '{text}' is no number of bytes");
    }

    private static bool IsBinary(V2Request request, string output)
    {
        foreach (var wanted in request.Outputs ?? [])
        {
            if (wanted.Name == output) return wanted.Binary ?? request.BinaryOutput;
        }

        return request.BinaryOutput;
    }

    private static void Keep(RequestScope scope, RequestBody body)
    {
        if (scope.WantsPayloads) scope.RequestPayload = body.Data.ToArray();
    }

    /// <summary>What comes of inputs that are not finite is the client's; what comes of others is the model's.</summary>
    private static ServingException Faulty(RequestScope scope, NotFiniteException error) =>
        new(scope.Inputs!.Any(FiniteCheck.Fails) ? ServingError.InvalidInput : ServingError.ModelFailed, error.Message, error);
}

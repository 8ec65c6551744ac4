using System.Text.RegularExpressions;
using AiDc.Api.V1Alpha1;
using AiDc.Api.Values;

namespace AiDc.Api.Validation;

/// <summary>What is asked of the models of a service.</summary>
internal static partial class ServedModelRules
{
    private const string Model = "spec.model";
    private const string Canary = "spec.canary.model";

    public static void Check(InferenceServiceSpec spec, bool isOwnServer, ValidationContext context, Errors errors)
    {
        if (spec.Model is { } model)
            CheckModel(model, Model, context, errors);
        else if (spec.Template is null)
            errors.Add("spec", "has nothing to serve", "give spec.model for the built-in server, or spec.template with an image of your own");
        else if (!isOwnServer && spec.Template.Value?.Spec is not null)
            errors.Add(Model, "is missing, and the built-in server needs it", "set it, or give the server's container in spec.template an image of your own");
        if (spec.Canary is not { } canary)
            return;
        if (canary.Model is { } tried)
        {
            CheckModel(tried, Canary, context, errors);
            if (tried.Follow)
                errors.Add($"{Canary}.follow", "is true, and a canary is one model", "leave it out, and set it in spec.model");
            if (spec.Model is null)
                errors.Add(Canary, "is set, and there is no model that serves now", "set spec.model too");
        }
        else if (spec.Model is not { Follow: true })
        {
            errors.Add("spec.canary", "has no model to try", "set canary.model, or spec.model.follow to try each new result of a training job");
        }
    }

    private static void CheckModel(ServedModelSpec model, string path, ValidationContext context, Errors errors)
    {
        CheckPlace(model, path, errors);
        if (model.Name is { Length: > 0 } name && !ProtocolName().IsMatch(name))
            errors.Add($"{path}.name", $"'{name}' cannot be part of an address", "use letters, digits, '.', '_' and '-'");
        SecretRules.CheckName(model.SecretRef, $"{path}.secretRef", "service", errors);
        if (ModelUri.TryParse(model.Uri, out var uri, out _, out _))
            CheckUri(model, uri, path, context, errors);
        CheckInputs(model, $"{path}.inputs", errors);
    }

    private static void CheckPlace(ServedModelSpec model, string path, Errors errors)
    {
        if (model.TrainingJob is null && model.Uri is null)
            errors.Add(path, "names no model", $"set either {path}.trainingJob or {path}.uri");
        else if (model.TrainingJob is not null && model.Uri is not null)
            errors.Add(path, "names two places of the model", $"leave either {path}.trainingJob or {path}.uri out");
        if (model.TrainingJob is { Length: > 0 } job && !ResourceName().IsMatch(job))
            errors.Add($"{path}.trainingJob", $"'{job}' cannot be the name of a TrainingJob", "name one of the service's namespace: lower-case letters, digits, dots and hyphens");
        if (model is { Follow: true, TrainingJob: null })
            errors.Add($"{path}.follow", "is true, and only results of a training job can be followed", $"set {path}.trainingJob, or leave it out");
        if (model.TrainingJob is null)
            return;
        if (model.Sha256 is not null)
            errors.Add($"{path}.sha256", "is set, and the sum of a result that is not there yet cannot be known", $"leave it out, or set {path}.uri");
        if (model.Format is "torchscript" or "onnx")
            errors.Add($"{path}.format", $"is '{model.Format}', and training jobs leave models of the format aidc", $"leave it out, or set {path}.uri");
    }

    private static void CheckUri(ServedModelSpec model, ModelUri uri, string path, ValidationContext context, Errors errors)
    {
        if (uri.IsPlainHttp && model.Sha256 is null)
            errors.Add($"{path}.uri", "is plain http, over which anybody on the way can put another file in the model's place", "use https, or set sha256");
        if (model.SecretRef is not null && uri.Storage?.Scheme != StorageScheme.S3)
            errors.Add($"{path}.secretRef", $"is set, and {uri} needs no credentials", "leave it out, or use s3://<bucket>/<key>");
        if (uri.Storage is not { } storage)
            return;
        StorageRules.CheckHostPath(storage, $"{path}.uri", context, errors);
        if (storage.Path.Length == 0 && model.Format is "torchscript" or "onnx")
            errors.Add($"{path}.uri", $"names no file, and a {model.Format} model is one", $"write {uri}/<file>");
    }

    private static void CheckInputs(ServedModelSpec model, string path, Errors errors)
    {
        if (model.Format == "torchscript" && model.Inputs is null && model.TrainingJob is null)
            errors.Add(path, "is missing, and a torchscript model does not say what its inputs are", "set name, datatype and shape of each in their order");
        if (model.Format is "aidc" or "onnx" && model.Inputs is not null)
            errors.Add(path, $"is set, and a model of the format {model.Format} says itself what its inputs are", "leave it out");
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < (model.Inputs?.Count ?? 0); i++)
        {
            if (model.Inputs![i] is not { Name.Length: > 0 } input)
                continue;
            if (!ProtocolName().IsMatch(input.Name))
                errors.Add($"{path}[{i}].name", $"'{input.Name}' cannot be the name of an input", "use letters, digits, '.', '_' and '-'");
            else if (!names.Add(input.Name))
                errors.Add($"{path}[{i}].name", $"'{input.Name}' is the name of another input", "give each a name of its own");
            if (input.Shape?.Contains(0) == true)
                errors.Add($"{path}[{i}].shape", "has a dimension of 0", "write -1 for a dimension of any size");
        }
    }

    [GeneratedRegex(@"\A[A-Za-z0-9_][-A-Za-z0-9_.]*\z")]
    private static partial Regex ProtocolName();

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z")]
    private static partial Regex ResourceName();
}

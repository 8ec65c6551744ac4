using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using AiDc.Api.Schema;
using AiDc.Api.V1Alpha1;
using AiDc.Api.Values;

namespace AiDc.Api.Validation;

/// <summary>
/// What the schema says of single fields, from the same attributes that the schema is made of. The API server says it first;
/// here it holds for objects that reached the operator past an older definition, and for files that are checked without a server.
/// </summary>
internal static class FieldRules
{
    private static readonly TimeSpan LongestDuration = TimeSpan.FromDays(3650);

    /// <summary>Checks an object of ours and all objects in it.</summary>
    public static void Check(object value, string path, Errors errors)
    {
        foreach (var field in ApiField.Of(value.GetType()))
            CheckField(field, field.Property.GetValue(value), $"{path}.{field.Name}", errors);
    }

    private static void CheckField(ApiField field, object? value, string path, Errors errors)
    {
        if (value is null or "" || (field.Required && value is ICollection { Count: 0 }))
        {
            CheckMissing(field, value, path, errors);
            return;
        }

        switch (value)
        {
            case string text:
                CheckText(field, text, path, errors);
                break;
            case int or long or double:
                CheckNumber(field, Convert.ToDouble(value, CultureInfo.InvariantCulture), path, errors);
                break;
            case IList list:
                CheckList(field, list, path, errors);
                break;
            case PodTemplate or bool:
                break;
            default:
                Check(value, path, errors);
                break;
        }
    }

    private static void CheckMissing(ApiField field, object? value, string path, Errors errors)
    {
        if (field.Required)
            errors.Add(path, "is missing", $"set it{Example(field)}");
        else if (value is null && field.Default is not null)
            errors.Add(path, "is null", "give it a value, or leave it out for the default");
        else if (value is "" && field.Default is not "")
            errors.Add(path, "is empty", $"give it a value{Example(field)}, or leave it out");
    }

    private static string Example(ApiField field) => field switch
    {
        { Format: StringFormat.Duration or StringFormat.PositiveDuration } => " such as 30s, 10m or 7d",
        { Format: StringFormat.Quantity } => " such as 4Gi or 500m",
        { Format: StringFormat.StorageUri or StringFormat.ModelUri } => " to pvc://<claim>/<path>",
        _ when field.Attribute<AllowedValuesAttribute>() is { } allowed => $" to {Choices(allowed)}",
        _ => "",
    };

    private static void CheckText(ApiField field, string text, string path, Errors errors)
    {
        if (field.Attribute<AllowedValuesAttribute>() is { } allowed && !allowed.Values.Contains(text))
            errors.Add(path, $"is '{Short(text)}'", $"set it to {Choices(allowed)}");
        else if (field.Attribute<MaxLengthAttribute>() is { } max && text.Length > max.Length)
            errors.Add(path, $"has {text.Length} characters", $"use at most {max.Length}");
        else if (field.Format is { } format)
            CheckFormat(format, text, path, errors);
    }

    private static void CheckFormat(StringFormat format, string text, string path, Errors errors)
    {
        switch (format)
        {
            case StringFormat.Duration or StringFormat.PositiveDuration:
                CheckDuration(format, text, path, errors);
                break;
            case StringFormat.Quantity when !QuantityText.TryParse(text, out var quantity):
                errors.Add(path, $"'{Short(text)}' is not a quantity", "write it like 500m, 2 or 4Gi");
                break;
            case StringFormat.StorageUri when !StorageUri.TryParse(text, out _, out var problem, out var fix):
                errors.Add(path, problem, fix);
                break;
            case StringFormat.ModelUri when !ModelUri.TryParse(text, out _, out var problem, out var fix):
                errors.Add(path, problem, fix);
                break;
            case StringFormat.Sha256 when !ModelUri.IsSum(text):
                errors.Add(path, $"'{Short(text)}' is not a SHA-256 sum", "write its 64 hexadecimal digits, as sha256sum prints them");
                break;
        }
    }

    private static void CheckDuration(StringFormat format, string text, string path, Errors errors)
    {
        if (text.Length > GoDuration.MaxLength || !GoDuration.TryParse(text, out var duration))
            errors.Add(path, $"'{Short(text)}' is not a duration", "write it like 30s, 10m, 1h30m or 7d");
        else if (duration > LongestDuration)
            errors.Add(path, $"'{Short(text)}' is more than ten years", "use at most 3650d");
        else if (duration == TimeSpan.Zero && format == StringFormat.PositiveDuration)
            errors.Add(path, "is zero", "set it above 0, or leave it out");
    }

    private static void CheckNumber(ApiField field, double number, string path, Errors errors)
    {
        if (double.IsNaN(number) || double.IsInfinity(number))
        {
            errors.Add(path, $"is {Text(number)}", "set it to a number");
            return;
        }

        var range = field.Attribute<RangeAttribute>();
        var minimum = range is null ? double.MinValue : Convert.ToDouble(range.Minimum, CultureInfo.InvariantCulture);
        var maximum = range is null ? double.MaxValue : Convert.ToDouble(range.Maximum, CultureInfo.InvariantCulture);
        var above = field.Attribute<ExclusiveMinimumAttribute>();
        var below = field.Attribute<ExclusiveMaximumAttribute>();
        if (number < minimum || number > maximum || number <= above?.Bound || number >= below?.Bound)
        {
            var from = above is null ? $"from {Text(minimum)}" : $"above {Text(above.Bound)}";
            var to = below is null ? $"to {Text(maximum)}" : $"below {Text(below.Bound)}";
            errors.Add(path, $"is {Text(number)}", $"set it {from} {to}");
        }
    }

    private static void CheckList(ApiField field, IList list, string path, Errors errors)
    {
        if (field.Attribute<MaxLengthAttribute>() is { } max && list.Count > max.Length)
            errors.Add(path, $"has {list.Count} entries", $"use at most {max.Length}");
        if (field.Attribute<MinLengthAttribute>() is { } min && list.Count < min.Length)
            errors.Add(path, list.Count == 0 ? "is empty" : $"has {list.Count} entries", $"give it {min.Length} or more, or leave it out");
        for (var i = 0; i < list.Count; i++)
            CheckItem(field, list[i], $"{path}[{i}]", errors);
    }

    private static void CheckItem(ApiField field, object? item, string path, Errors errors)
    {
        switch (item)
        {
            case null:
                errors.Add(path, "is null", "give it a value, or remove it");
                break;
            case int number when field.Attribute<ItemRangeAttribute>() is { } range && (number < range.Minimum || number > range.Maximum):
                errors.Add(path, $"is {number}", $"set it from {range.Minimum} to {range.Maximum}");
                break;
            case int:
                break;
            default:
                Check(item, path, errors);
                break;
        }
    }

    private static string Choices(AllowedValuesAttribute allowed) => string.Join(" or ", allowed.Values);

    private static string Text(double number) => number.ToString("0.################", CultureInfo.InvariantCulture);

    private static string Short(string text) => text.Length <= 64 ? text : text[..61] + "...";
}

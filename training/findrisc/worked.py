"""FINDRISC worked in plain Python, apart from the graph. Age counts in completed years: "over 64" is 65."""


def work(_published: dict, patient: dict) -> dict[str, float]:
    age, bmi, waist = patient["age"], patient["bmi"], patient["waist_cm"]
    lower, upper = (94, 102) if patient["sex"] == "male" else (80, 88)
    points = {
        "age_points": 4 if age >= 65 else 3 if age >= 55 else 2 if age >= 45 else 0,
        "bmi_points": 0 if bmi < 25 else 1 if bmi <= 30 else 3,
        "waist_points": 0 if waist < lower else 3 if waist <= upper else 4,
        "activity_points": 0 if patient["physical_activity"] else 2,
        "vegetables_points": 0 if patient["daily_vegetables"] else 1,
        "bp_medication_points": 2 if patient["bp_medication"] else 0,
        "high_glucose_points": 5 if patient["high_glucose"] else 0,
        "family_points": {"none": 0, "second_degree": 3, "first_degree": 5}[patient["family_diabetes"]],
    }
    total = sum(points.values())
    one_in = 100 if total < 7 else 25 if total <= 11 else 6 if total <= 14 else 3 if total <= 20 else 2
    answer = {"findrisc": total, **points, "risk_10yr": 1 / one_in}
    if 35 <= age < 65:
        answer["score_2003"] = total - points["family_points"]
    return answer
